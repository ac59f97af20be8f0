package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Streams by the thousand on one connection, ended in every way, with losses in between. */
class ManyStreamsTest {

    /** The length of a warm-up, in streams, and of all. */
    private static final int SOME = 20_000;

    private static final int ALL = 100_000;

    private static final class Counts {
        int opened;
        int sent;
        int resetHere;
        int resetThere;
        int failed;
        int received;
        int accepted;
    }

    private final Counts counts = new Counts();

    private static ByteBuf bytes(SeededRandom random) {
        int size = random.nextInt(0, 3_000);
        return Unpooled.buffer(size).writeZero(size);
    }

    /** One stream from its opening to its end, of a kind and with an end that the seed decides. */
    private Mono<Void> oneStream(PeerConnection connection, SeededRandom random) {
        return (random.chance(0.5) ? connection.openStream() : connection.openUniStream()).flatMap(stream -> {
            counts.opened++;
            Flux<ByteBuf> content = Flux.range(0, random.nextInt(0, 3)).map(i -> bytes(random));
            int kind = random.nextInt(0, 9);
            if (kind == 0) {
                content = content.concatWith(Mono.never());
            } else if (kind == 1) {
                content = content.concatWith(Mono.error(new IllegalStateException("a mistake")));
            }
            Mono<Void> sending = stream.send(content)
                    .doOnSuccess(nothing -> counts.sent++)
                    .onErrorResume(failure -> {
                        counts.failed++;
                        return Mono.empty();
                    });
            if (kind == 0) {
                stream.reset(7);
                counts.resetHere++;
            }
            if (!stream.isBidirectional()) {
                return sending;
            }
            if (kind == 2) {
                stream.cancel(8);
            }
            return Mono.when(sending, stream.receive().then().onErrorResume(failure -> Mono.empty()));
        });
    }

    private void answer(PeerConnection connection, SeededRandom random) {
        connection.streams().subscribe(stream -> {
            counts.accepted++;
            int kind = random.nextInt(0, 9);
            if (kind == 0) {
                stream.cancel(9);
                counts.resetThere++;
            }
            stream.receive().subscribe(bytes -> {}, failure -> counts.received++, () -> counts.received++);
            if (stream.isBidirectional()) {
                if (kind == 1) {
                    stream.reset(10);
                }
                stream.send(Flux.range(0, random.nextInt(0, 2)).map(i -> bytes(random)))
                        .subscribe(
                                nothing -> {},
                                failure -> assertThat(failure)
                                        .isInstanceOfAny(
                                                CancellationException.class,
                                                dev.tether.core.error.StreamResetException.class));
            }
        });
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void run(TwoPeers peers, PeerConnection connection, SeededRandom random, int streams, int atOnce) {
        int until = counts.opened + streams;
        Mono<Void> all = Flux.range(0, streams)
                .flatMap(i -> oneStream(connection, random), atOnce)
                .then();
        peers.network.await(all, Duration.ofHours(10));
        assertThat(counts.opened).isEqualTo(until);
    }

    @Test
    void aHundredThousandOneAfterTheOtherLeaveNothing() {
        TwoPeers peers = TwoPeers.inCalm(11);
        peers.network.changeDefaultLink(LinkSettings.PERFECT
                .latency(Duration.ofMillis(5))
                .jitter(Jitter.exponential(Duration.ofMillis(1)))
                .loss(0.01));
        SeededRandom random = new SeededRandom(11);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        answer(peers.b.lastPublished(), random);
        run(peers, connection, random, SOME, 1);
        peers.network.advance(Duration.ofSeconds(10));
        long before = usedHeap();
        run(peers, connection, random, ALL - SOME, 1);
        peers.network.advance(Duration.ofSeconds(10));
        long grown = usedHeap() - before;

        assertThat(counts.accepted).isEqualTo(ALL);
        assertThat(counts.received).isEqualTo(ALL);
        assertThat(counts.sent + counts.failed).isEqualTo(ALL);
        assertThat(counts.resetHere).isPositive();
        assertThat(counts.resetThere).isPositive();
        assertThat(grown).as("bytes of heap that 80,000 streams have left").isLessThan(1 << 20);
        peers.closeAndAssertNothingIsLeft(connection, "after 100,000 streams");
    }

    @Test
    void twoHundredFiftySixAtOnceEndAllOfThem() {
        for (long seed = 0; seed < 5; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            Counts before = new Counts();
            before.opened = counts.opened;
            PeerConnection connection = peers.connect(peers.a, peers.b);
            answer(peers.b.lastPublished(), peers.random);
            run(peers, connection, peers.random, 1_000, 256);
            assertThat(counts.opened - before.opened).as("seed %d", seed).isEqualTo(1_000);
            peers.closeAndAssertNothingIsLeft(connection, "after 1,000 streams, 256 at once");
        }
    }

    @Test
    void aStreamThatIsOpenDoesNotKeepOthersFromComingAndGoing() {
        TwoPeers peers = TwoPeers.inCalm(12);
        PeerConnection connection = peers.connect(peers.a, peers.b);
        PeerStream open = java.util.Objects.requireNonNull(peers.network.await(connection.openStream(), Peers.LIMIT));
        open.send(Flux.concat(Mono.just(Unpooled.copyLong(1)), Flux.never())).subscribe(nothing -> {}, failure -> {});
        answer(peers.b.lastPublished(), peers.random);
        run(peers, connection, peers.random, 600, 16);
        peers.closeAndAssertNothingIsLeft(connection, "after 600 streams beside an open one");
    }
}
