package dev.tether.examples.perf;

import dev.tether.examples.RoundTrips;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.SynchronousSink;

/** The measuring side of a connection to a {@link PerfServer}. One measurement at a time. */
public final class PerfClient {

    /** The size of the message whose round trip is measured, in bytes. */
    public static final int ECHO_SIZE = 100;

    private final PeerConnection connection;

    public PerfClient(PeerConnection connection) {
        this.connection = connection;
    }

    /** Sends messages of {@code size} bytes for {@code time}, and asks the server what has arrived. Cold. */
    public Mono<Throughput> up(Duration time, int size) {
        Mono<Throughput> result = connection
                .receive()
                .<Throughput>handle(PerfClient::readResult)
                .next()
                .switchIfEmpty(Mono.error(PerfClient::closed));
        return Mono.firstWithSignal(
                result, connection.send(PerfMessage.data(time, size)).then(Mono.never()));
    }

    /** Lets the server send messages of {@code size} bytes for {@code time}, and counts what arrives. Cold. */
    public Mono<Throughput> down(Duration time, int size) {
        return Mono.defer(() -> {
            DataCounter counter = new DataCounter();
            Mono<Throughput> result = connection
                    .receive()
                    .<Throughput>handle((message, sink) -> count(counter, message, sink))
                    .next()
                    .switchIfEmpty(Mono.error(PerfClient::closed));
            Mono<Void> asked = connection.send(Mono.fromSupplier(() -> PerfMessage.send(time, size)));
            return Mono.firstWithSignal(result, asked.then(Mono.never()));
        });
    }

    /** Sends a small message and waits for its echo, again and again for {@code time}. Cold. */
    public Mono<RoundTrips> latency(Duration time) {
        return Mono.defer(() -> {
            RoundTrips roundTrips = new RoundTrips();
            Sinks.Many<ByteBuf> pings = Sinks.many().unicast().onBackpressureBuffer();
            long[] sentNs = {System.nanoTime()};
            long endNs = sentNs[0] + time.toNanos();
            Flux<Boolean> over = connection.receive().map(echo -> {
                long nowNs = System.nanoTime();
                requireEcho(echo);
                roundTrips.add(nowNs - sentNs[0]);
                if (nowNs - endNs >= 0) {
                    pings.tryEmitComplete().orThrow();
                    return true;
                }
                sentNs[0] = nowNs;
                pings.tryEmitNext(PerfMessage.echo(ECHO_SIZE)).orThrow();
                return false;
            });
            pings.tryEmitNext(PerfMessage.echo(ECHO_SIZE)).orThrow();
            Mono<Void> echoes = over.concatWith(Mono.error(PerfClient::closed))
                    .takeUntil(last -> last)
                    .then();
            return Mono.when(connection.send(pings.asFlux()), echoes).thenReturn(roundTrips);
        });
    }

    private static void readResult(ByteBuf message, SynchronousSink<Throughput> sink) {
        if (PerfMessage.type(message) != PerfMessage.RESULT || message.readableBytes() != 25) {
            sink.error(notAServer());
            return;
        }
        int index = message.readerIndex() + 1;
        sink.next(Throughput.of(message.getLong(index), message.getLong(index + 8), message.getLong(index + 16)));
    }

    private static void count(DataCounter counter, ByteBuf message, SynchronousSink<Throughput> sink) {
        switch (PerfMessage.type(message)) {
            case PerfMessage.DATA -> counter.add(message.readableBytes());
            case PerfMessage.END -> sink.next(Throughput.of(counter.bytes(), counter.messages(), counter.elapsedNs()));
            default -> sink.error(notAServer());
        }
    }

    private static void requireEcho(ByteBuf message) {
        if (PerfMessage.type(message) != PerfMessage.ECHO) {
            throw notAServer();
        }
    }

    private static IllegalStateException notAServer() {
        return new IllegalStateException("the other side is no 'tether perf --server'");
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the other side closed in the middle of a measurement");
    }
}
