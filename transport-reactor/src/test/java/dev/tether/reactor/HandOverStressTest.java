package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.TransportException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/** One connection on loopback, used by many threads and from its own event loop, on memory as it really is. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HandOverStressTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int THREADS = 4;

    private final LoopResources loops = LoopResources.create("hand-over", 2, true);
    private final List<TransportNode> nodes = new ArrayList<>();
    private final Queue<ByteBuf> given = new ConcurrentLinkedQueue<>();

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
        loops.disposeLater(Duration.ZERO, LIMIT).block(LIMIT);
    }

    @Test
    void theCommandsOfEachThreadKeepTheirOrderAndAllAreAnswered() {
        int rounds = 150;
        int each = 6;
        TransportNode server = bind(loops);
        TransportNode client = bind(loops);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        server.connections()
                .flatMap(peer -> peer.receive().asString())
                .subscribe(received::add, failure -> received.add(failure.toString()));
        PeerConnection connection = connect(client, server);

        Flux<Object> outside = Flux.range(0, THREADS)
                .flatMap(thread -> Flux.range(0, rounds)
                        .concatMap(round -> round(connection, "" + thread, round, each))
                        .subscribeOn(Schedulers.boundedElastic()));
        // Each answer comes on the connection's loop, and what is sent from there begins there.
        Flux<Object> inside = Flux.range(0, rounds)
                .concatMap(round -> connection.statistics().flatMapMany(on -> round(connection, "loop", round, each)));
        outside.mergeWith(inside).blockLast(LIMIT);

        for (String sender : List.of("0", "1", "2", "3", "loop")) {
            assertThat(received)
                    .filteredOn(message -> message.startsWith("one " + sender + ' '))
                    .isEqualTo(IntStream.range(0, rounds * each)
                            .mapToObj(i -> "one " + sender + ' ' + i)
                            .toList());
            assertThat(received)
                    .filteredOn(message -> message.startsWith("many " + sender + ' '))
                    .isEqualTo(IntStream.range(0, rounds * each)
                            .mapToObj(i -> "many " + sender + ' ' + i)
                            .toList());
        }
        assertThat(received).hasSize(2 * rounds * each * (THREADS + 1));
    }

    /** Single messages, several of one publisher, and questions, all begun before the first is answered. */
    private Publisher<Object> round(PeerConnection connection, String sender, int round, int each) {
        List<Mono<?>> commands = new ArrayList<>();
        for (int i = round * each; i < (round + 1) * each; i++) {
            commands.add(connection.send(Mono.just(message("one " + sender + ' ' + i))));
        }
        commands.add(connection.send(Flux.range(round * each, each).map(i -> message("many " + sender + ' ' + i))));
        commands.add(connection.ping());
        commands.add(connection.statistics());
        return Mono.when(commands).cast(Object.class);
    }

    @Test
    void everySendEndsAndEveryBufferIsReleasedWhenTheLoopGoesInTheMidst() {
        TransportNode server = bind(loops);
        server.connections().flatMap(PeerConnection::receive).subscribe();
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            LoopResources own = LoopResources.create("going", 1, true);
            PeerConnection connection = connect(bind(own), server);
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<Mono<Void>> sends = new ArrayList<>();
            List<Disposable> cancelled = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                sends.add(connection.send(endless()).onErrorResume(failure -> {
                    failures.add(failure);
                    return Mono.empty();
                }));
                cancelled.add(connection.send(endless()).subscribe(nothing -> {}, failure -> {}));
            }
            Mono<Void> end = Mono.delay(Duration.ofNanos(random.nextInt(5_000_000)))
                    .then(own.disposeLater(Duration.ZERO, LIMIT));
            Mono<Void> cancel = Mono.delay(Duration.ofNanos(random.nextInt(8_000_000)))
                    .then(Mono.fromRunnable(() -> cancelled.forEach(Disposable::dispose)));

            Mono.when(Mono.when(sends), end, cancel).block(LIMIT);

            assertThat(failures).as("seed %d", seed).hasSize(THREADS).allMatch(TransportException.class::isInstance);
        }
        // A publisher may be in the middle of a last message.
        Flux.interval(Duration.ofMillis(1))
                .takeUntil(tick -> given.stream().allMatch(message -> message.refCnt() == 0))
                .blockLast(LIMIT);
    }

    private Flux<ByteBuf> endless() {
        return Flux.generate((SynchronousSink<ByteBuf> sink) -> sink.next(message("m")))
                .subscribeOn(Schedulers.parallel());
    }

    private PeerConnection connect(TransportNode from, TransportNode to) {
        return Objects.requireNonNull(from.connect(to.addressAs("127.0.0.1")).block(LIMIT));
    }

    private TransportNode bind(LoopResources on) {
        TransportNode node =
                ReactiveTransport.create().host("127.0.0.1").runOn(on).bindNow();
        nodes.add(node);
        return node;
    }

    private ByteBuf message(String text) {
        ByteBuf message = ByteBufUtil.writeUtf8(ByteBufAllocator.DEFAULT, text);
        given.add(message);
        return message;
    }
}
