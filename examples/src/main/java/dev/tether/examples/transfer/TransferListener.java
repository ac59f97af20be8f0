package dev.tether.examples.transfer;

/** Is told about the files of one connection, one after the other. Called from any thread that may block, never from two at once. */
public interface TransferListener {

    /** A file's content begins at {@code offset} of {@code size} bytes. */
    default void started(String name, long offset, long size) {}

    /** The started file has got to {@code position}. Often: once a message. */
    default void progress(long position) {}

    /** A file has ended, whether it was started or not. */
    default void finished(FileResult result) {}

    /** Something that a human waits for. */
    default void note(String text) {}
}
