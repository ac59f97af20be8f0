package dev.tether.examples;

/** How the process ends. */
final class ExitCode {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    /** 128 + SIGINT, as the JVM itself exits after the signal. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
