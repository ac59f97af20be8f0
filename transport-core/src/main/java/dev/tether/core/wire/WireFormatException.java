package dev.tether.core.wire;

/**
 * Bytes that do not follow the wire format. Carries no stack trace: it says what a peer sent, not where this code is.
 */
public final class WireFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message what is wrong with the bytes */
    public WireFormatException(String message) {
        super(message, null, false, false);
    }
}
