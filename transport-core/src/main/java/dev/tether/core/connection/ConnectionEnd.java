package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import org.jspecify.annotations.Nullable;

/** How a connection has ended: by a close that an application asked for, or by a failure. */
public final class ConnectionEnd {

    private final @Nullable TransportException failure;
    private final TransportException pendingFailure;
    private final boolean orderly;

    private ConnectionEnd(@Nullable TransportException failure, TransportException pendingFailure, boolean orderly) {
        this.failure = failure;
        this.pendingFailure = pendingFailure;
        this.orderly = orderly;
    }

    static ConnectionEnd closed(CloseReason reason, PeerContext context) {
        return new ConnectionEnd(null, new ConnectionClosedException(reason, context), reason.isOrderly());
    }

    static ConnectionEnd failed(TransportException failure) {
        return new ConnectionEnd(failure, failure, false);
    }

    /** What the connection's states end with; null after a close that either application asked for. */
    public @Nullable TransportException failure() {
        return failure;
    }

    /** What everything that was pending ends with. */
    public TransportException pendingFailure() {
        return pendingFailure;
    }

    /** Whether an application closed with code 0: then the received messages complete instead of erroring. */
    public boolean isOrderly() {
        return orderly;
    }
}
