package dev.tether.core.path;

/** How much may be sent to an address that is not validated: three times what came from it. RFC 9000 §8.1. Not thread-safe. */
final class AmplificationLimit {

    private static final int FACTOR = 3;

    private long available;

    void onReceived(int bytes) {
        available += (long) FACTOR * bytes;
    }

    void onSent(int bytes) {
        available -= bytes;
    }

    /** How many bytes may be sent at present. */
    long available() {
        return available;
    }
}
