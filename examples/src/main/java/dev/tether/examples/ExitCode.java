package dev.tether.examples;

/** How the process ends. */
public final class ExitCode {

    /** Done. */
    public static final int OK = 0;

    /** Failed; standard error has one line that says why. */
    public static final int FAILED = 1;

    /** Wrong usage. */
    public static final int USAGE = 2;

    /** 128 + SIGINT, as the JVM itself exits after the signal. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
