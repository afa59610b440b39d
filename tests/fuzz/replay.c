/* replay.c: runs a fuzz target over given files and folders, once each. It takes the
 * fuzzer's place in builds without one, so that seeds and inputs that once broke
 * something are tests everywhere. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

/* Heap memory of the exact size, so that a sanitizer sees every byte read too far. */
static int run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    int status = -1;

    if (file && data && fread(data, 1, size, file) == size) {
        LLVMFuzzerTestOneInput(data, size);
        runs++;
        status = 0;
    } else {
        fprintf(stderr, "replay: cannot read %s\n", path);
    }
    free(data);
    if (file)
        fclose(file);
    return status;
}

static int run_path(const char *path);

static int run_folder(const char *folder) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[4096];
    int status = dir ? 0 : -1;

    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (run_path(path))
            status = -1;
    }
    if (dir)
        closedir(dir);
    return status;
}

static int run_path(const char *path) {
    struct stat info;

    if (stat(path, &info)) {
        perror(path);
        return -1;
    }
    return S_ISDIR(info.st_mode) ? run_folder(path)
                                 : run_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv) {
    int status = 0;

    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        if (run_path(argv[i]))
            status = 1;
    printf("%lu inputs\n", runs + 1);
    return status;
}
