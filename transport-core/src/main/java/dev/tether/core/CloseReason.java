package dev.tether.core;

/**
 * Why a connection was closed.
 *
 * @param byPeer whether the other side closed
 * @param byApplication whether an application closed, and not a transport that found a violation
 * @param code the application's code, or a transport error code; 0 stands for no error
 * @param text for a human; may be empty
 */
public record CloseReason(boolean byPeer, boolean byApplication, long code, String text) {

    /** Whether this is an orderly end: an application closed with code 0. */
    public boolean isOrderly() {
        return byApplication && code == 0;
    }

    @Override
    public String toString() {
        return "closed by " + (byPeer ? "the peer" : "this side") + (byApplication ? "" : "'s transport")
                + " with code " + code + (text.isEmpty() ? "" : ": " + text);
    }
}
