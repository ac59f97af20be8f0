package dev.tether.reactor;

import dev.tether.core.error.PeerContext;
import dev.tether.reactor.codec.Codec;
import dev.tether.reactor.codec.CodecException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The messages of a connection as values: {@link PeerConnection#as}. It holds nothing, so that any number of them, with
 * different codecs too, may be made of one connection and used in turn or at the same time.
 *
 * <p>All methods may be called from any thread.
 */
public final class TypedConnection {

    private final PeerConnection connection;
    private final Codec codec;

    TypedConnection(PeerConnection connection, Codec codec) {
        this.connection = connection;
        this.codec = codec;
    }

    /** The connection itself. */
    public PeerConnection connection() {
        return connection;
    }

    /**
     * The peer's messages as values: {@link PeerConnection#receive()} in everything else. Each value that is asked for is one
     * message asked for, and none is taken ahead. Decoded and delivered on the event loop of the node; do not block there.
     *
     * <p>A message that cannot be read as a {@code type} errors with a {@link CodecException}. The connection lives on; that
     * message is used up, and no other: the next subscriber, that of a {@code retry} too, gets the one after it.
     *
     * @param type what each message is. An array stands for what has type parameters, such as {@code Order[].class} for a list
     *     of orders, if the codec knows arrays
     */
    public <T> Flux<T> receive(Class<T> type) {
        return connection.receive().map(message -> decode(message, type));
    }

    /**
     * Sends each value as one message: {@link PeerConnection#send} in everything else. Encoded on whatever threads the
     * publisher signals on.
     *
     * <p>A value that cannot be encoded errors with a {@link CodecException}, after what came before it was handed to the
     * transport, and nothing more is taken from the publisher, which is cancelled. The connection lives on. A value that is
     * {@linkplain io.netty.util.ReferenceCounted reference-counted} is released after it was encoded, whatever happens.
     */
    public Mono<Void> send(Publisher<?> values) {
        return connection.send(
                values instanceof Mono<?> one
                        ? one.map(this::encode)
                        : Flux.from(values).map(this::encode));
    }

    private ByteBuf encode(Object value) {
        ByteBuf message = ByteBufAllocator.DEFAULT.heapBuffer();
        try {
            if (value == null) { // from a publisher that breaks Reactive Streams §2.13
                throw new CodecException("leave it out, or send a value that stands for nothing");
            }
            codec.encode(value, message);
            return message;
        } catch (Throwable thrown) {
            message.release();
            String type = value == null ? "null" : value.getClass().getTypeName();
            throw failure("a value cannot be sent, it is " + type, thrown);
        } finally {
            ReferenceCountUtil.safeRelease(value);
        }
    }

    private <T> T decode(ByteBuf message, Class<T> type) {
        int size = message.readableBytes();
        try {
            T value = codec.decode(message, type);
            if (value == null) {
                throw new CodecException("the codec has read null, which is no value");
            }
            return value;
        } catch (Throwable thrown) {
            throw failure("a message of " + size + " bytes cannot be read as " + type.getTypeName(), thrown);
        }
    }

    /** What a codec has thrown, with the peer and what it was about. What Reactor takes for fatal is thrown on. */
    private CodecException failure(String what, Throwable thrown) {
        Exceptions.throwIfFatal(thrown);
        PeerContext peer = new PeerContext(connection.remoteIdentity(), connection.remoteAddress(), connection.state());
        String why = thrown instanceof CodecException
                ? thrown.getMessage()
                : "the codec has thrown " + thrown.getClass().getTypeName() + ", see the cause";
        return new CodecException(peer + ": " + what + ": " + why, thrown);
    }
}
