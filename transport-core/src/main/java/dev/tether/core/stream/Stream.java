package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/** One stream: its parts, and the marks that keep it from standing twice in a queue. */
final class Stream {

    final long id;
    /** Null for a unidirectional stream of the peer. */
    final @Nullable SendStream send;
    /** Null for a unidirectional stream of this side. */
    final @Nullable ReceiveStream receive;

    /** How urgent the bytes of this side are; changed by {@link StreamScheduler#setUrgency}. */
    int urgency = Urgency.DEFAULT;

    /** How many bytes of packets the stream has taken in its present turn, less what earlier turns left to it. */
    int spent;

    /** Whether it counts against the limit of the side that opened it also when it is over. */
    boolean placeKept;

    private int marks;

    Stream(long id, @Nullable SendStream send, @Nullable ReceiveStream receive) {
        this.id = id;
        this.send = send;
        this.receive = receive;
    }

    /** Whether nothing is left to be done for the stream. */
    boolean isFinished() {
        return (send == null || send.state().isTerminal())
                && (receive == null || receive.state().isTerminal());
    }

    /** Sets a mark; false if it was set. */
    boolean mark(int bit) {
        int before = marks;
        marks |= bit;
        return before != marks;
    }

    boolean isMarked(int bit) {
        return (marks & bit) != 0;
    }

    void unmark(int bit) {
        marks &= ~bit;
    }

    /** Releases all bytes. */
    void release() {
        if (send != null) {
            send.release();
        }
        if (receive != null) {
            receive.release();
        }
    }
}
