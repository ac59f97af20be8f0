package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/** The states of a stream's receiving part and the transitions between them. Source: RFC 9000 §3.2, figure 3. */
enum ReceiveState {
    /** The end of the stream is not known. */
    RECV,
    /** The end is known, and some bytes before it are missing. */
    SIZE_KNOWN,
    /** All bytes have arrived. */
    DATA_RECVD,
    /** The peer has abandoned the stream. */
    RESET_RECVD,
    /** The application has all bytes. Terminal. */
    DATA_READ,
    /** The application knows that the peer has abandoned the stream. Terminal. */
    RESET_READ;

    /** What moves the receiving part from state to state. */
    enum Event {
        /** A STREAM frame with FIN arrives. */
        RECEIVE_FIN,
        /** The last missing byte arrives. */
        RECEIVE_ALL,
        /** A RESET_STREAM frame arrives. */
        RECEIVE_RESET,
        /** The application has read the last byte. */
        READ_ALL,
        /** The application is told of the reset. */
        READ_RESET
    }

    /**
     * The state after {@code event}, or null where the event must not happen. What the peer repeats, and a reset after all
     * data have arrived, changes nothing.
     */
    @Nullable
    ReceiveState after(Event event) {
        return switch (this) {
            case RECV ->
                switch (event) {
                    case RECEIVE_FIN -> SIZE_KNOWN;
                    case RECEIVE_RESET -> RESET_RECVD;
                    case RECEIVE_ALL, READ_ALL, READ_RESET -> null;
                };
            case SIZE_KNOWN ->
                switch (event) {
                    case RECEIVE_FIN -> SIZE_KNOWN;
                    case RECEIVE_ALL -> DATA_RECVD;
                    case RECEIVE_RESET -> RESET_RECVD;
                    case READ_ALL, READ_RESET -> null;
                };
            case DATA_RECVD ->
                switch (event) {
                    case RECEIVE_FIN, RECEIVE_RESET -> DATA_RECVD;
                    case READ_ALL -> DATA_READ;
                    case RECEIVE_ALL, READ_RESET -> null;
                };
            case RESET_RECVD ->
                switch (event) {
                    case RECEIVE_FIN, RECEIVE_RESET -> RESET_RECVD;
                    case READ_RESET -> RESET_READ;
                    case RECEIVE_ALL, READ_ALL -> null;
                };
            case DATA_READ, RESET_READ ->
                switch (event) {
                    case RECEIVE_FIN, RECEIVE_RESET -> this;
                    case RECEIVE_ALL, READ_ALL, READ_RESET -> null;
                };
        };
    }

    /** Whether bytes are still expected. */
    boolean isReceiving() {
        return this == RECV || this == SIZE_KNOWN;
    }

    /** Whether nothing is left to be done for this part. */
    boolean isTerminal() {
        return this == DATA_READ || this == RESET_READ;
    }
}
