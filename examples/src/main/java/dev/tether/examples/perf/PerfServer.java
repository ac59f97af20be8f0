package dev.tether.examples.perf;

import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/** The measured side: does what {@link PerfMessage} says, until the connection ends. */
public final class PerfServer {

    private final DataCounter counter = new DataCounter();

    private PerfServer() {}

    /** Serves one connection; ends with it, and like it. Errors with {@link IllegalArgumentException} on a wrong message. */
    public static Mono<Void> serve(PeerConnection connection) {
        return Mono.defer(() -> {
            PerfServer server = new PerfServer();
            Flux<Publisher<ByteBuf>> replies = connection.receive().handle(server::react);
            return connection.send(replies.concatMap(reply -> reply));
        });
    }

    private void react(ByteBuf message, SynchronousSink<Publisher<ByteBuf>> replies) {
        switch (PerfMessage.type(message)) {
            case PerfMessage.DATA -> counter.add(message.readableBytes());
            case PerfMessage.ECHO -> replies.next(Mono.just(Unpooled.copiedBuffer(message)));
            case PerfMessage.END -> {
                ByteBuf result = PerfMessage.result(counter.bytes(), counter.messages(), counter.elapsedNs());
                counter.reset();
                replies.next(Mono.just(result));
            }
            case PerfMessage.SEND -> replies.next(send(message));
            default -> replies.error(new IllegalArgumentException("the other side is no 'tether perf'"));
        }
    }

    private static Publisher<ByteBuf> send(ByteBuf message) {
        if (message.readableBytes() != 9) {
            return Mono.error(new IllegalArgumentException("SEND has 9 bytes"));
        }
        int millis = message.getInt(message.readerIndex() + 1);
        int size = message.getInt(message.readerIndex() + 5);
        if (millis < 0 || millis > PerfMessage.MAX_MILLIS || size < 1 || size > PerfMessage.MAX_SIZE) {
            return Mono.error(new IllegalArgumentException("SEND with a time or a size out of range"));
        }
        return PerfMessage.data(Duration.ofMillis(millis), size);
    }
}
