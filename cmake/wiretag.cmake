# Flags and libraries every target shares, and the three ways a folder declares things:
# wiretag_library, wiretag_program, wiretag_test.

find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq>=4.3.4)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

add_library(wiretag_flags INTERFACE)
target_compile_definitions(wiretag_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_include_directories(wiretag_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(wiretag_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes
    -Wwrite-strings -fno-omit-frame-pointer $<$<BOOL:${STRICT}>:-Werror>)
if(SANITIZE)
    target_compile_options(wiretag_flags INTERFACE -fsanitize=${SANITIZE} -fno-sanitize-recover=all)
    target_link_options(wiretag_flags INTERFACE -fsanitize=${SANITIZE})
endif()
if(FUZZ)
    target_compile_options(wiretag_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LTO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

# wiretag_library(NAME SOURCES... LINK targets...)
function(wiretag_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC wiretag_flags ${arg_LINK})
endfunction()

# wiretag_program(VERB SOURCES... LINK targets...): bin/wiretag-VERB and its man page
function(wiretag_program verb)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    set(name wiretag-${verb})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LINK})
    set(page ${CMAKE_BINARY_DIR}/man/${name}.1)
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
        COMMAND ${name} --man > ${page} VERBATIM)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()

# wiretag_test(NAME SOURCE LINK targets...): one cmocka binary, label unit, 30 s
function(wiretag_test name source)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LINK")
    add_executable(test_${name} ${source})
    set_target_properties(test_${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE ${arg_LINK} PkgConfig::CMOCKA)
    add_test(NAME unit.${name} COMMAND test_${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 30)
endfunction()
