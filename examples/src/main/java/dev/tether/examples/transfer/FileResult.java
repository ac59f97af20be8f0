package dev.tether.examples.transfer;

import java.time.Duration;

/** What has become of one file. */
public sealed interface FileResult {

    /** The file's name: the offered one, or the one under which the receiver has it. */
    String name();

    /**
     * The receiver has it, whole and verified.
     *
     * @param size in bytes
     * @param transferred how many of them this connection has carried
     * @param elapsed from the first byte to the answer that all of it is stored
     * @param digest of the whole content
     */
    record Stored(String name, long size, long transferred, Duration elapsed, Sha256 digest) implements FileResult {}

    /** The receiver had it already. */
    record Present(String name, long size) implements FileResult {}

    /** It was not transferred; what has arrived of it may be kept for another attempt. */
    record Failed(String name, TransferFailure failure, String text) implements FileResult {}
}
