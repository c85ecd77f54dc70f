// In every program of a build with sanitizers: what LeakSanitizer must know of the libraries of others.

// Drivers and plug-ins must stay loaded until it has looked, or what they hold is leaked by an unknown module.
extern "C" int dlclose(void*) {
    return 0;
}

// Memory that these keep until the program ends.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libVkLayer\n"
           "leak:libdbus-1\n"
           "leak:libfontconfig\n"
           "leak:libQt6Pdf\n";
}

// Tests look at what programs write: nothing is said of the above.
extern "C" const char* __lsan_default_options() {
    return "print_suppressions=0";
}
