# Run by CPack between installing and packing: what a Debian package keeps elsewhere, or
# words otherwise, than an installation below any prefix does.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(doc ${root}/usr/share/doc/wiretag)

# The example becomes the configuration itself.
file(COPY ${doc}/wiretag.conf DESTINATION ${root}/etc/wiretag)

file(READ ${doc}/NOTICE notice)
file(WRITE ${doc}/copyright "${notice}
On Debian systems the text of the Apache License, Version 2.0, is in
/usr/share/common-licenses/Apache-2.0.
")

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog "wiretag (${CPACK_PACKAGE_VERSION}) bookworm; urgency=medium

  * See CHANGELOG.md.gz in this folder.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")

file(GLOB texts ${root}/usr/share/man/man1/*.1 ${doc}/CHANGELOG.md ${doc}/changelog)
execute_process(COMMAND gzip -9nf ${texts} COMMAND_ERROR_IS_FATAL ANY)
