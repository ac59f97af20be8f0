package dev.tether.core.connection;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** At which address the peer sees this side, as it says: behind a NAT another one than this side knows of itself. */
final class OwnAddress {

    private @Nullable InetSocketAddress address;
    private long sequence = -1;
    private boolean changed;

    /** What the handshake has told. */
    OwnAddress(@Nullable InetSocketAddress address) {
        this.address = address;
    }

    @Nullable
    InetSocketAddress address() {
        return address;
    }

    /** Takes over a report, unless a later one was there before. */
    void onReported(long reported, InetSocketAddress observed) {
        if (reported > sequence) {
            sequence = reported;
            changed |= !observed.equals(address);
            address = observed;
        }
    }

    /** Whether it has changed since the last call. */
    boolean takeChanged() {
        boolean any = changed;
        changed = false;
        return any;
    }
}
