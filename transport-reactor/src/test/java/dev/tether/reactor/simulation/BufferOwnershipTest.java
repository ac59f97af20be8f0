package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.error.TransportException;
import dev.tether.reactor.simulation.BufferPath.Way;
import dev.tether.reactor.simulation.LinkFixture.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Every buffer that is given to a send is given back, once, and not before it was sent: whatever it is made of, whatever its
 * size, and however the send ends. What was not given is not touched.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(Way.class)
class BufferOwnershipTest {

    /** When a send is cancelled. */
    enum CancelAt {
        ITS_SUBSCRIPTION,
        ITS_BEGIN,
        HALF_OF_IT,
        ALL_TAKEN
    }

    /** How a connection, or this side's node, ends. */
    enum End {
        CLOSE_HERE,
        CLOSE_THERE,
        LOSS,
        SUBSCRIBER_THAT_THROWS,
        ORDERLY_CLOSE_OF_THE_NODE,
        DISPOSAL_OF_THE_NODE,
        CRASH_HERE
    }

    private final Way way;
    private final BufferPath path;
    private final List<BufferSource> sources = new ArrayList<>();

    BufferOwnershipTest(Way way) {
        this.way = way;
        this.path = BufferPath.of(way);
    }

    @AfterEach
    void everythingIsGivenBackOnce() {
        path.close();
        for (BufferSource source : sources) {
            source.assertGivenBack("after the end of the nodes");
            source.releaseRest();
        }
    }

    private BufferSource source(BufferSource source) {
        sources.add(source);
        return source;
    }

    @ParameterizedTest
    @EnumSource(BufferKind.class)
    void buffersOfAllSizesArriveIntactAndAreGivenBack(BufferKind kind) {
        BufferSource source = source(BufferSource.of(kind, 0, 1, 1_000, 4_095, 4_096, 20_000, 0, 60_000, 3))
                .completing();
        Ending send = Ending.of(path.send(source));
        path.run(5_000);

        assertThat(send.failure).isNull();
        assertThat(send.completed).isTrue();
        path.assertArrived(source.contents());
        source.assertGivenBack("when the send has completed");
    }

    /** Of one buffer that was cut into pieces, each piece is released on its own. */
    @Test
    void piecesOfOneBufferAreGivenBackOneByOne() {
        ByteBuf whole = PooledByteBufAllocator.DEFAULT.directBuffer(40_000).writeZero(40_000);
        Ending send = Ending.of(path.send(
                Flux.range(0, 4).map(i -> i < 3 ? whole.readRetainedSlice(i * 5_000 + 10) : whole)));
        path.run(5_000);

        assertThat(send.completed).isTrue();
        assertThat(BufferSource.joined(path.received)).hasSize(40_000);
        assertThat(whole.refCnt()).isZero();
    }

    @Test
    void anErrorOfThePublisherGivesBackWhatItHadGiven() {
        path.slowDown();
        IllegalStateException mistake = new IllegalStateException("a mistake");
        BufferSource source = source(BufferSource.ofMany(12)).failing(mistake);
        Ending send = Ending.of(path.send(source));
        path.run(10_000);

        assertThat(send.failure).isSameAs(mistake);
        if (way == Way.MESSAGES || way == Way.LINK) {
            path.assertArrived(source.contents());
        } else {
            path.assertIntact(source.contents());
        }
        source.assertGivenBack("when its error was passed on");
        path.heal();
        path.assertGoesOn();
    }

    @ParameterizedTest
    @EnumSource(CancelAt.class)
    void aCancelledSendGivesBackWhatItWasGiven(CancelAt when) {
        path.slowDown();
        BufferSource source =
                source(when == CancelAt.ALL_TAKEN ? BufferSource.ofMany(3).completing() : BufferSource.ofMany(100));
        Mono<Void> send = path.send(when == CancelAt.ITS_BEGIN ? source.holdingBack() : source);
        Disposable subscription = when == CancelAt.ITS_SUBSCRIPTION
                ? cancelledAtOnce(send)
                : send.subscribe(nothing -> {}, failure -> {});
        if (when == CancelAt.HALF_OF_IT) {
            path.run(500);
            assertThat(source.held()).as("that wait").isPositive();
            assertThat(source.given()).isLessThan(source.size());
        }
        subscription.dispose();
        if (when != CancelAt.ALL_TAKEN) {
            assertThat(source.isCancelled()).isEqualTo(source.isSubscribed());
        }
        int given = source.given();
        path.run(5_000);
        path.heal();
        path.run(5_000);

        source.assertGivenBack("when what was taken is sent");
        assertThat(source.given()).isEqualTo(given);
        path.assertIntact(source.contents());
        if (when == CancelAt.ALL_TAKEN) {
            path.assertArrived(source.contents());
        }
        path.assertGoesOn();
    }

    private static Disposable cancelledAtOnce(Mono<Void> send) {
        BaseSubscriber<Void> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
            }
        };
        send.subscribe(subscriber);
        return subscriber;
    }

    @Test
    void aBufferThatComesAfterACancellationIsGivenBackAtOnce() {
        BufferSource source = source(BufferSource.ofMany(3)).holdingBack();
        Disposable subscription = path.send(source).subscribe();
        path.run(100);
        subscription.dispose();
        assertGivenBackAtOnce(source);
        path.assertGoesOn();
    }

    @Test
    void aBufferThatComesAfterTheCompletionOfItsPublisherIsGivenBackAtOnce() {
        BufferSource late = source(BufferSource.ofMany(3)).holdingBack();
        path.send(subscriber -> {
                    late.subscribe(subscriber);
                    subscriber.onComplete();
                })
                .subscribe();
        assertGivenBackAtOnce(late);
        path.assertGoesOn();
    }

    @Test
    void aBufferThatComesAfterTheEndOfTheConnectionIsGivenBackAtOnce() {
        BufferSource source = source(BufferSource.ofMany(3)).holdingBack();
        Ending send = Ending.of(path.send(source));
        path.run(100);
        path.network.await(way == Way.LINK ? path.link().close() : path.there.close(3, "enough"), Peers.LIMIT);
        path.run(1_000);

        assertThat(send.failure).isInstanceOf(TransportException.class);
        assertGivenBackAtOnce(source);
    }

    private static void assertGivenBackAtOnce(BufferSource source) {
        while (source.given() < source.size()) {
            source.giveUnasked();
            source.assertGivenBack("as soon as it came");
        }
    }

    @Test
    void nullIsRefusedAndWhatElseWasGivenIsSent() {
        BufferSource source = source(BufferSource.ofMany(3)).holdingBack();
        Ending send = Ending.of(path.send(source));
        source.giveUnasked();
        assertThatThrownBy(source::giveNull).isInstanceOf(NullPointerException.class);
        source.giveUnasked();
        path.run(1_000);

        assertThat(send.isThere()).isFalse();
        path.assertArrived(source.contents(2));
        source.assertGivenBack("when it has arrived");
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void theEndOfTheConnectionGivesBackWhatWaits(End end) {
        path.slowDown();
        BufferSource source = source(BufferSource.ofMany(100));
        BufferSource other = source(BufferSource.ofMany(100));
        Ending send = Ending.of(path.send(source));
        Ending otherSend = Ending.of(path.send(other));
        path.run(1_000);
        assertThat(source.held()).as("that wait").isGreaterThan(1);
        assertThat(other.held()).as("that wait").isPositive();
        bring(end);
        path.run(180_000);

        if (way == Way.LINK) {
            path.network.await(path.link().close(), Peers.LIMIT);
            path.run(1_000);
        }
        source.assertGivenBack("when its connection has ended");
        other.assertGivenBack("when its connection has ended");
        assertThat(send.failure).isInstanceOf(TransportException.class);
        assertThat(otherSend.failure).isInstanceOf(TransportException.class);
    }

    private void bring(End end) {
        switch (end) {
            case CLOSE_HERE -> path.here.close(3, "enough").subscribe();
            case CLOSE_THERE -> path.there.close(3, "enough").subscribe();
            case LOSS -> path.hostThere.crash();
            case SUBSCRIBER_THAT_THROWS -> {
                path.here.receive().subscribe(new Throwing());
                path.there.sendString(Mono.just("hello")).subscribe(nothing -> {}, failure -> {});
            }
            case ORDERLY_CLOSE_OF_THE_NODE ->
                path.nodeHere.close(Duration.ofMillis(100)).subscribe();
            case DISPOSAL_OF_THE_NODE -> path.nodeHere.dispose();
            case CRASH_HERE -> path.hostHere.crash();
        }
    }

    private static final class Throwing implements CoreSubscriber<ByteBuf> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuf message) {
            throw new IllegalStateException("a mistake");
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    // Mistakes of the application

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4})
    void aBufferThatWasReleasedAlreadyFailsItsSendAndNothingElse(int index) {
        BufferSource source = source(BufferSource.of(BufferKind.POOLED_DIRECT, 100, 10_000, 200, 20_000, 300))
                .completing();
        BufferSource other = source(BufferSource.ofMany(4)).holdingBack();
        path.send(other).subscribe();
        source.releaseTooEarly(index);
        Ending send = Ending.of(path.send(source));
        path.run(5_000);

        assertThat(send.failure)
                .isInstanceOf(IllegalReferenceCountException.class)
                .hasMessageContaining("released")
                .hasMessageContaining("retain()");
        if (way == Way.STREAM) {
            path.assertIntact(source.contents(index));
        } else {
            path.assertArrived(source.contents(index));
        }
        source.assertGivenBack("when its send has failed");
        path.assertGoesOn();
        path.received.clear();
        other.giveUnasked();
        path.run(1_000);
        path.assertArrived(other.contents(1));
    }

    @Test
    void aBufferThatIsReleasedWhileItWaitsFailsItsSendAndNothingElse() {
        path.slowDown();
        BufferSource source = source(BufferSource.ofMany(100)).completing();
        Ending send = Ending.of(path.send(source));
        path.run(500);
        int last = source.given() - 1;
        assertThat(source.references(last)).isEqualTo(1);
        source.releaseTooEarly(last);
        path.heal();
        path.run(10_000);

        assertThat(send.failure).isInstanceOf(IllegalReferenceCountException.class);
        path.assertIntact(source.contents());
        source.assertGivenBack("when its send has failed");
        path.assertGoesOn();
    }

    @Test
    void aBufferThatIsReleasedWhileItWaitsDoesNotKeepOthersFromBeingGivenBackAtTheEnd() {
        path.slowDown();
        BufferSource source = source(BufferSource.ofMany(100));
        Ending send = Ending.of(path.send(source));
        path.run(500);
        int last = source.given() - 1;
        assertThat(source.references(last)).isEqualTo(1);
        source.releaseTooEarly(last);
        path.nodeHere.dispose();
        path.run(1_000);

        assertThat(send.failure).isInstanceOf(TransportException.class);
        source.assertGivenBack("when the node has ended");
    }
}
