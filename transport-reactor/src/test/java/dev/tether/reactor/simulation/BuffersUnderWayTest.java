package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.simulation.BufferPath.Way;
import dev.tether.reactor.simulation.LinkFixture.Ending;
import dev.tether.reactor.simulation.RelayChain.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of buffers that are given to a send, where that depends on the way that they take. */
class BuffersUnderWayTest {

    private final List<BufferSource> sources = new ArrayList<>();

    @AfterEach
    void everythingIsGivenBackOnce() {
        for (BufferSource source : sources) {
            source.assertGivenBack("at the end");
            source.releaseRest();
        }
    }

    private BufferSource source(BufferSource source) {
        sources.add(source);
        return source;
    }

    // Kept or copied

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"MESSAGES", "STREAM"})
    void aLargeBufferIsKeptUntilThePeerHasItAndASmallOneIsGivenBackAtOnce(Way way) {
        BufferPath path = BufferPath.of(way);
        BufferSource source = source(BufferSource.of(BufferKind.POOLED_DIRECT, 4_095, 4_096, 10));
        path.cut();
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        assertThat(List.of(source.references(0), source.references(1), source.references(2)))
                .containsExactly(0, 1, 0);

        path.heal();
        path.run(5_000);
        source.assertGivenBack("when all has arrived");
        path.assertArrived(source.contents());
        path.close();
    }

    /** It may have to be sent again over another connection. */
    @Test
    void aLinkKeepsWhatItIsGivenUntilTheApplicationOfThePeerHasIt() {
        BufferPath path = BufferPath.unread(Way.LINK);
        BufferSource source =
                source(BufferSource.of(BufferKind.POOLED_HEAP, 10, 10_000)).completing();
        Ending send = Ending.of(path.send(source));
        path.run(5_000);
        assertThat(source.held()).isEqualTo(2);
        assertThat(send.isThere()).isFalse();

        path.there.receive().subscribe();
        path.run(1_000);
        assertThat(send.completed).isTrue();
        source.assertGivenBack("when they were taken");
        path.close();
    }

    @Test
    void aLinkThatConnectsAgainSendsWhatItHasKept() {
        BufferPath path = BufferPath.of(Way.LINK);
        BufferSource source = source(BufferSource.of(BufferKind.COMPOSITE, 10, 10_000, 20, 60_000))
                .completing();
        path.link();
        path.cut();
        Ending send = Ending.of(path.send(source));
        path.run(1_000);
        assertThat(source.held()).isEqualTo(4);
        path.here.close(3, "to be replaced").subscribe();
        path.run(1_000);
        path.heal();
        path.run(150_000);

        assertThat(send.failure).isNull();
        assertThat(send.completed).isTrue();
        path.assertArrived(source.contents());
        path.close();
    }

    // Too large

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"MESSAGES", "DATAGRAMS", "LINK"})
    void aMessageThatIsTooLargeIsGivenBackWithAllBehindIt(Way way) {
        BufferPath path = BufferPath.of(way);
        int tooLarge = (way == Way.DATAGRAMS ? path.here.maxDatagramSize() : BufferPath.MAX_MESSAGE) + 1;
        BufferSource source =
                source(BufferSource.of(BufferKind.POOLED_DIRECT, 10, 5_000, tooLarge, 5_000, 10, tooLarge));
        Ending send = Ending.of(path.send(source));
        path.run(1_000);

        assertThat(send.failure).isInstanceOf(MessageTooLargeException.class);
        source.assertGivenBack("when the send has failed");
        path.assertIntact(source.contents(2));
        path.assertGoesOn();
        path.close();
    }

    // Streams that end on their own

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamThatEitherSideGivesUpGivesBackWhatWaitsAndNoOther(boolean byPeer) {
        BufferPath path = BufferPath.unread(Way.STREAM);
        List<PeerStream> there = new ArrayList<>();
        path.there.streams().subscribe(there::add);
        path.slowDown();
        BufferSource source = source(BufferSource.ofMany(100));
        BufferSource other = source(BufferSource.ofMany(20)).completing();
        PeerStream stream = path.open();
        Ending send = Ending.of(stream.send(source));
        PeerStream untouched = path.open();
        Ending otherSend = Ending.of(untouched.send(other));
        path.run(1_000);
        assertThat(source.held()).as("that wait").isGreaterThan(1);
        int given = source.given();
        if (byPeer) {
            there.get(0).cancel(7);
        } else {
            stream.reset(7);
        }
        path.run(500);

        assertThat(send.failure).isInstanceOf(byPeer ? StreamResetException.class : CancellationException.class);
        source.assertGivenBack("when the stream was given up");
        assertThat(source.given()).isBetween(given, given + 10);
        path.heal();
        Received received = RelayChain.watch(there.get(1).receive());
        path.run(20_000);
        assertThat(otherSend.completed).isTrue();
        assertThat(received.bytes.toByteArray()).isEqualTo(BufferSource.joined(other.contents()));
        other.assertGivenBack("when its send has completed");
        path.close();
    }

    @Test
    void aSecondSendOfAStreamTakesNothing() {
        BufferPath path = BufferPath.of(Way.STREAM);
        PeerStream stream = path.open();
        BufferSource first = source(BufferSource.ofMany(3)).completing();
        BufferSource second = source(BufferSource.ofMany(3)).completing();
        Ending ofFirst = Ending.of(stream.send(first));
        Ending ofSecond = Ending.of(stream.send(second));
        path.run(5_000);

        assertThat(ofFirst.completed).isTrue();
        assertThat(ofSecond.failure).isInstanceOf(IllegalStateException.class);
        assertThat(second.isSubscribed()).isFalse();
        path.assertArrived(first.contents());
        path.close();
    }

    // Relays

    /** How what a relay hands on comes to an end. */
    enum RelayEnd {
        CLOSE_BY_THE_ORIGIN,
        CLOSE_BY_THE_DESTINATION,
        LOSS_OF_THE_DESTINATION,
        CRASH_OF_THE_RELAY,
        NONE
    }

    /** At the relay, as it holds what it hands on in between; and at the origin, as backpressure goes through. */
    @ParameterizedTest
    @EnumSource(RelayEnd.class)
    void whateverEndsARelayNothingOfWhatItHandsOnIsLeft(RelayEnd end) {
        RelayChain chain = new RelayChain(
                3,
                1,
                SimulatedNetwork.DEFAULT_LINK,
                settings -> settings.streamWindow(32 * 1024)
                        .maxStreamWindow(32 * 1024)
                        .sendBuffer(32 * 1024)
                        .maxSendBuffer(32 * 1024));
        BufferSource messages = source(BufferSource.ofMany(60)).completing();
        BufferSource bytes = source(BufferSource.ofMany(60)).completing();
        BufferSource datagrams = source(BufferSource.of(BufferKind.POOLED_HEAP, 10, 1_000, 1_100, 0, 20))
                .completing();
        SimulatedHost relay = chain.relays.get(0);
        relay.uplink(LinkSettings.PERFECT.bytesPerSecond(30_000).queueBytes(60_000));
        PeerStream stream = chain.open();
        Ending ofMessages = Ending.of(chain.first().send(messages));
        Ending ofBytes = Ending.of(stream.send(bytes));
        Ending ofDatagrams = Ending.of(chain.first().sendDatagram(datagrams));
        Received arrived = RelayChain.watch(chain.last().receive());
        PeerStream there = chain.accepted();
        Received arrivedBytes = RelayChain.watch(there.receive());
        chain.network.advance(Duration.ofSeconds(3));
        assertThat(relay.messageBytes()).as("that the relay holds").isPositive();
        assertThat(ofMessages.isThere()).isFalse();

        switch (end) {
            case CLOSE_BY_THE_ORIGIN -> chain.first().close(3, "enough").subscribe();
            case CLOSE_BY_THE_DESTINATION -> chain.last().close(3, "enough").subscribe();
            case LOSS_OF_THE_DESTINATION ->
                chain.network.link(relay, chain.destination).cut();
            case CRASH_OF_THE_RELAY -> {
                relay.crash();
                chain.network.advance(Duration.ofMinutes(3));
            }
            case NONE -> {
                relay.uplink(null);
                chain.network.advance(Duration.ofSeconds(60));
                assertThat(ofMessages.completed).isTrue();
                assertThat(ofBytes.completed).isTrue();
                assertThat(arrived.bytes.toByteArray()).isEqualTo(BufferSource.joined(messages.contents()));
                assertThat(arrivedBytes.bytes.toByteArray()).isEqualTo(BufferSource.joined(bytes.contents()));
                chain.first().close().subscribe();
            }
        }
        if (end == RelayEnd.CRASH_OF_THE_RELAY) {
            assertThat(relay.messageBytes()).isZero();
        } else {
            chain.assertNothingIsLeft();
        }
        assertThat(ofMessages.isThere()).isTrue();
        assertThat(ofBytes.isThere()).isTrue();
        assertThat(ofDatagrams.isThere()).isTrue();
        assertThat(BufferSource.isPrefix(arrived.bytes.toByteArray(), BufferSource.joined(messages.contents())))
                .as("what has arrived is as it was given")
                .isTrue();
        assertThat(chain.network.failures()).isEmpty();
    }
}
