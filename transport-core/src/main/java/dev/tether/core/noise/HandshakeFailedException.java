package dev.tether.core.noise;

/**
 * A handshake message that cannot be read or written: what a peer, or anybody on the network, can cause. It has no
 * stack trace and no suppressed exceptions, so that a forged datagram costs no walk of the stack.
 */
public final class HandshakeFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What was wrong with the message. */
    public enum Reason {
        /** The message is shorter than the keys and tags that it must contain. */
        TOO_SHORT("the handshake message is too short"),
        /** The message is longer than {@link HandshakeState#MAX_MESSAGE_LENGTH}. */
        TOO_LONG("the handshake message is too long"),
        /** A part of the message does not authenticate: forged, damaged, or meant for another key or prologue. */
        NOT_AUTHENTIC("the handshake message is not authentic"),
        /** A public key of low order: the shared secret would be zero, whatever the private key (RFC 7748 §6.1). */
        LOW_ORDER_KEY("a public key has low order");

        private final String message;

        Reason(String message) {
            this.message = message;
        }
    }

    private final Reason reason;

    HandshakeFailedException(Reason reason) {
        super(reason.message, null, false, false);
        this.reason = reason;
    }

    /** What was wrong with the message. */
    public Reason reason() {
        return reason;
    }
}
