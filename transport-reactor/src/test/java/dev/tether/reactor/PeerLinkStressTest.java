package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.OutboundOverflowException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;
import reactor.util.retry.Retry;

/** Links on loopback, used by many threads at once while their connections go: nothing is lost, twice, in silence or leaked. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PeerLinkStressTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int THREADS = 4;

    private final LoopResources loops = LoopResources.create("link-stress", 2, true);
    private final List<TransportNode> nodes = new ArrayList<>();
    private final Queue<ByteBuf> given = new ConcurrentLinkedQueue<>();
    private final TransportNode client = bind();
    private final TransportNode server = bind();

    @AfterEach
    void closeNodes() {
        nodes.forEach(node -> node.closeNow(LIMIT));
        loops.disposeLater(Duration.ZERO, LIMIT).block(LIMIT);
        assertThat(given).filteredOn(message -> message.refCnt() != 0).isEmpty();
    }

    @Test
    void everyMessageOfEveryThreadArrivesOnceAndInOrderOverManyConnections() {
        PeerLink there = link(client, server);
        PeerLink back = link(server, client);
        Queue<String> atServer = new ConcurrentLinkedQueue<>();
        Queue<String> atClient = new ConcurrentLinkedQueue<>();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Disposable receiving = back.receive().asString().subscribe(atServer::add, failures::add);
        // With a subscriber that comes again and again, each time on another thread.
        Disposable receivingInParts = Flux.defer(
                        () -> there.receive().asString().take(7))
                .subscribeOn(Schedulers.parallel())
                .doOnNext(atClient::add)
                .repeat()
                .subscribe(message -> {}, failures::add);
        AtomicInteger closed = new AtomicInteger();
        Disposable closing = Flux.defer(() -> (closed.get() % 2 == 0 ? there : back)
                        .connection()
                        // Long enough for some messages.
                        .delayElement(Duration.ofMillis(20))
                        .flatMap(connection -> connection.close(closed.incrementAndGet(), "again"))
                        .onErrorComplete())
                .repeat()
                .subscribe();

        int sends = 60;
        int messages = 50;
        Flux.merge(IntStream.range(0, THREADS)
                        .mapToObj(thread -> Flux.range(0, sends)
                                .concatMap(send -> (thread % 2 == 0 ? there : back)
                                        .send(Flux.range(send * messages, messages)
                                                .map(i -> message(thread + ":" + i))))
                                .subscribeOn(Schedulers.boundedElastic()))
                        .toList())
                .blockLast(LIMIT);
        closing.dispose();
        receiving.dispose();
        receivingInParts.dispose();

        assertThat(failures).isEmpty();
        assertThat(closed).hasPositiveValue();
        for (int thread = 0; thread < THREADS; thread++) {
            String prefix = thread + ":";
            assertThat(thread % 2 == 0 ? atServer : atClient)
                    .filteredOn(message -> message.startsWith(prefix))
                    .isEqualTo(IntStream.range(0, sends * messages)
                            .mapToObj(i -> prefix + i)
                            .toList());
        }
    }

    @Test
    void sendsBeyondWhatMayWaitAreRefusedAndAllOthersComplete() {
        PeerLink link = link(client, server);
        AtomicInteger arrived = new AtomicInteger();
        server.connections().flatMap(PeerConnection::receive).subscribe(message -> arrived.incrementAndGet());
        AtomicInteger refused = new AtomicInteger();

        int sends = 2_000;
        Flux.range(0, THREADS)
                .flatMap(thread -> Flux.range(0, sends)
                        .flatMap(
                                i -> link.send(Mono.fromSupplier(() -> message("m")))
                                        .doOnError(OutboundOverflowException.class, e -> refused.incrementAndGet())
                                        .retryWhen(Retry.fixedDelay(10_000, Duration.ofMillis(1))
                                                .filter(OutboundOverflowException.class::isInstance)),
                                sends)
                        .subscribeOn(Schedulers.boundedElastic()))
                .blockLast(LIMIT);

        assertThat(arrived.get()).isEqualTo(THREADS * sends);
        assertThat(given).as("of those that were refused nothing was taken").hasSize(THREADS * sends);
    }

    @Test
    void everySendEndsWhenItsLinkOrItsNodeEndsMeanwhile() {
        for (int round = 0; round < 30; round++) {
            boolean ofNode = round % 2 == 0;
            SplittableRandom random = new SplittableRandom(round);
            TransportNode node = bind();
            PeerLink link = link(node, server);
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<Mono<Void>> threads = IntStream.range(0, THREADS)
                    .mapToObj(thread -> Flux.range(0, 200)
                            .flatMap(
                                    i -> link.send(Flux.range(0, 3).map(j -> message(i + "." + j)))
                                            .onErrorResume(failure -> {
                                                failures.add(failure);
                                                return Mono.empty();
                                            }),
                                    200)
                            .then()
                            .subscribeOn(Schedulers.boundedElastic()))
                    .toList();
            Mono<Void> end = Mono.delay(Duration.ofNanos(random.nextInt(20_000_000)))
                    .then(ofNode ? Mono.fromRunnable(node::dispose) : link.close(3, "enough"));
            Mono.when(Flux.fromIterable(threads)
                            .mergeWith(Flux.just(end))
                            .collectList()
                            .block())
                    .block(LIMIT);
            assertThat(failures)
                    .as("round %d", round)
                    .allMatch(failure -> failure instanceof OutboundOverflowException
                            || failure instanceof ChannelClosedException
                            || failure instanceof ConnectionClosedException);
            node.closeNow(LIMIT);
        }
    }

    @Test
    void publishersThatEmitAndAreCancelledOnOtherThreadsLeaveNothing() {
        PeerLink link = link(client, server);
        AtomicInteger arrived = new AtomicInteger();
        server.connections().flatMap(PeerConnection::receive).subscribe(message -> arrived.incrementAndGet());
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            Flux<ByteBuf> endless = Flux.generate((SynchronousSink<ByteBuf> sink) -> sink.next(message("m")))
                    .subscribeOn(Schedulers.parallel());
            Disposable send = link.send(
                            i % 3 == 0 ? endless.take(5).concatWith(Mono.error(new IllegalStateException())) : endless)
                    .subscribe(nothing -> {}, failure -> {});
            Mono.delay(Duration.ofNanos(random.nextInt(3_000_000)))
                    .doOnNext(now -> send.dispose())
                    .block(LIMIT);
        }
        // Behind all that was taken before.
        link.sendString(Mono.just("last")).block(LIMIT);
        link.close().block(LIMIT);
        assertThat(arrived.get()).isBetween(1, given.size() + 1);
    }

    private PeerLink link(TransportNode from, TransportNode to) {
        return from.link(to.addressAs("127.0.0.1"));
    }

    private TransportNode bind() {
        TransportNode node =
                ReactiveTransport.create().host("127.0.0.1").runOn(loops).bindNow();
        nodes.add(node);
        return node;
    }

    private ByteBuf message(String text) {
        ByteBuf message = ByteBufUtil.writeUtf8(ByteBufAllocator.DEFAULT, text);
        given.add(message);
        return message;
    }
}
