package dev.tether.core.stream;

import org.jspecify.annotations.Nullable;

/** The states of a stream's sending part and the transitions between them. Source: RFC 9000 §3.1, figure 2. */
enum SendState {
    /** Nothing was sent. */
    READY,
    /** Data are being sent. */
    SEND,
    /** All data and the end were sent at least once. */
    DATA_SENT,
    /** The stream is abandoned, and the peer has not acknowledged that. */
    RESET_SENT,
    /** The peer has everything. Terminal. */
    DATA_RECVD,
    /** The peer knows that the stream is abandoned. Terminal. */
    RESET_RECVD;

    /** What moves the sending part from state to state. */
    enum Event {
        /** A STREAM frame without FIN is sent. */
        SEND_DATA,
        /** A STREAM frame with FIN is sent. */
        SEND_FIN,
        /** The application, or a STOP_SENDING frame, has the stream abandoned. */
        SEND_RESET,
        /** All data and the end are acknowledged. */
        ALL_ACKED,
        /** The RESET_STREAM frame is acknowledged. */
        RESET_ACKED
    }

    /** The state after {@code event}, or null where the event must not happen. */
    @Nullable
    SendState after(Event event) {
        return switch (this) {
            case READY, SEND ->
                switch (event) {
                    case SEND_DATA -> SEND;
                    case SEND_FIN -> DATA_SENT;
                    case SEND_RESET -> RESET_SENT;
                    case ALL_ACKED, RESET_ACKED -> null;
                };
            case DATA_SENT ->
                switch (event) {
                    case SEND_DATA, SEND_FIN -> DATA_SENT;
                    case SEND_RESET -> RESET_SENT;
                    case ALL_ACKED -> DATA_RECVD;
                    case RESET_ACKED -> null;
                };
            case RESET_SENT ->
                switch (event) {
                    case RESET_ACKED -> RESET_RECVD;
                    case SEND_DATA, SEND_FIN, SEND_RESET, ALL_ACKED -> null;
                };
            case DATA_RECVD, RESET_RECVD -> null;
        };
    }

    /** Whether the application may still write. */
    boolean isOpen() {
        return this == READY || this == SEND;
    }

    /** Whether nothing is left to be done for this part. */
    boolean isTerminal() {
        return this == DATA_RECVD || this == RESET_RECVD;
    }
}
