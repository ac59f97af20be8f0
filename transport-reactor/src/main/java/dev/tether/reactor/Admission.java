package dev.tether.reactor;

import dev.tether.core.wire.VarInt;

/** What an application decides on a {@link ConnectionRequest}. Immutable. */
public sealed interface Admission {

    /** The peer may connect. */
    static Admission accept() {
        return new Accepted();
    }

    /**
     * The peer may not connect. Its {@code connect} errors with a
     * {@link dev.tether.core.error.ConnectionEstablishmentException} that has this code and the reason.
     *
     * @param code the application's own, 0 to 2^62 - 1
     * @param reason text for a human; what is beyond 256 bytes of UTF-8 is cut off
     * @throws IllegalArgumentException if the code is not in its range
     */
    static Admission refuse(long code, String reason) {
        return new Refused(code, reason);
    }

    /** The peer may connect. */
    record Accepted() implements Admission {}

    /**
     * The peer may not connect.
     *
     * @param code the application's own, 0 to 2^62 - 1
     * @param reason text for a human
     */
    record Refused(long code, String reason) implements Admission {

        /** @throws IllegalArgumentException if the code is not in its range */
        public Refused {
            if (code < 0 || code > VarInt.MAX) {
                throw new IllegalArgumentException(
                        "the code of a refusal is " + code + ", it must be from 0 to 2^62 - 1");
            }
        }
    }
}
