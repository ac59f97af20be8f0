package dev.tether.reactor;

import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Gives a {@link MessageOutbox} messages when it is its turn. All on the event loop. */
interface MessageSource {

    /** The next message, which the caller has to release; null for none now. */
    @Nullable
    ByteBuf poll();

    /** The link of the message that was polled last; 0 for none. */
    long linkId();

    /** The number of the message that was polled last within its link; 0 for none. */
    long number();

    /**
     * The message that was polled last is in the send buffer.
     *
     * @param size its length in bytes
     * @param endOffset the stream offset behind it
     * @param acknowledged the stream offset before which the peer has acknowledged everything
     */
    void onTaken(int size, long endOffset, long acknowledged);

    /** Has the messages asked for that fit into a send buffer. */
    void requestMore(int sendBufferSize);

    /** Puts it among those that may have messages; returns whether it was not among them before. */
    boolean enterReady();

    /** It has no message now; returns whether there will be no further one. */
    boolean leaveReady();

    /** Why there will be no further message; null if it has given all. */
    @Nullable
    Throwable error();

    /** The stream offset behind its last message, in bytes. */
    long endOffset();

    /** Takes nothing more from its publisher, unless that has ended already; what was taken is still sent. */
    void stop();

    /** Whether all that it has taken was sent, and it waits for its publisher. */
    boolean isIdle();

    /** All was acknowledged. */
    void complete();

    void fail(Throwable failure);

    /**
     * The connection fails it.
     *
     * @param acknowledged the stream offset before which the peer has acknowledged everything
     */
    void fail(TransportException failure, long acknowledged);

    /** Nothing that it has will be sent. */
    void discard();
}
