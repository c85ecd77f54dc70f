// With LeakSanitizer, drivers and layers must stay loaded until it has looked, or it reports what they hold as leaks of
// unknown modules.

extern "C" int dlclose(void*) {
    return 0;
}
