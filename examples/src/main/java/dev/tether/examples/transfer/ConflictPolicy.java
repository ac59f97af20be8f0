package dev.tether.examples.transfer;

/** What a receiver does with a file whose name is taken by another content. */
public enum ConflictPolicy {
    /** It refuses the file. */
    REFUSE,
    /** It replaces what is there, once the new content is complete. */
    OVERWRITE,
    /** It stores the file under another name. */
    RENAME
}
