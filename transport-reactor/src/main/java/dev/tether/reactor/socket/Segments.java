package dev.tether.reactor.socket;

/** A run: datagrams of one segment size one behind the other, of which the last may be shorter. */
final class Segments {

    private Segments() {}

    /** How many datagrams {@code bytes} of a run are. */
    static int count(int bytes, int segmentSize) {
        return (int) (((long) bytes + segmentSize - 1) / segmentSize);
    }
}
