package dev.tether.core.connection;

import org.jspecify.annotations.Nullable;

/** One side's part in a handshake that is not confirmed: sends one datagram again and again until the time is up. */
sealed interface Handshake permits InitiatorHandshake, ResponderHandshake {

    /** The datagram, if it is due to be sent now. */
    byte @Nullable [] poll(long nowNs);

    /** When {@link #poll} or {@link #hasTimedOut} is to be asked again. */
    long timeoutNs();

    boolean hasTimedOut(long nowNs);
}
