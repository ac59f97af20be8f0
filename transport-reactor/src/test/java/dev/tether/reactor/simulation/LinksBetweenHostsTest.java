package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.BurstLoss;
import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a link is set to do is what a socket sees, measured there; random shares within five standard deviations. */
class LinksBetweenHostsTest {

    private static final int COUNT = 20_000;
    private static final Duration GAP = Duration.ofMillis(1);

    private SimulatedNetwork network = SimulatedNetwork.create(1);
    private RawSocket a = bind("a");
    private RawSocket b = bind("b");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesTheShareThatWasSet(long seed) {
        over(seed, LinkSettings.PERFECT.loss(0.1));

        flood(COUNT, 100);

        assertShare(seed, COUNT - b.received.size(), 0.1, 1);
        assertThat(network.statistics().dropped())
                .containsOnlyKeys(DropCause.LOSS)
                .containsEntry(DropCause.LOSS, (long) COUNT - b.received.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesInBurstsTheShareOfTheBadState(long seed) {
        double enter = 0.02;
        double leave = 0.2;
        over(seed, LinkSettings.PERFECT.burstLoss(new BurstLoss(enter, leave, 1)));

        flood(COUNT, 100);

        double memory = 1 - enter - leave;
        assertShare(seed, COUNT - b.received.size(), enter / (enter + leave), (1 + memory) / (1 - memory));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void duplicatesTheShareThatWasSet(long seed) {
        over(seed, LinkSettings.PERFECT.duplication(0.05));

        flood(COUNT, 100);

        assertShare(seed, b.received.size() - COUNT, 0.05, 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsBackTheShareThatWasSet(long seed) {
        over(seed, LinkSettings.PERFECT.reordering(0.05).reorderDelay(Duration.ofMillis(10)));

        flood(COUNT, 100);

        long late = b.received.stream()
                .filter(it -> it.timeNs() - sentNs(it) == Duration.ofMillis(10).toNanos())
                .count();
        assertShare(seed, (int) late, 0.05, 1);
        int overtaken = 0;
        for (int i = 1; i < b.received.size(); i++) {
            overtaken += number(b.received.get(i)) < number(b.received.get(i - 1)) ? 1 : 0;
        }
        assertThat(overtaken).as("seed %d", seed).isPositive();
    }

    @Test
    void takesExactlyTheLatency() {
        over(1, LinkSettings.PERFECT.latency(Duration.ofMillis(40)));

        flood(100, 100);

        assertThat(b.received).hasSize(100).allMatch(it -> it.timeNs() - sentNs(it) == 40_000_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void jitterAddsItsMeanAndKeepsTheOrder(long seed) {
        // A jitter below the gap never has to wait for an earlier datagram, so that its mean can be seen.
        over(seed, LinkSettings.PERFECT.latency(Duration.ofMillis(5)).jitter(Jitter.uniform(GAP)));

        flood(COUNT, 100);

        double meanNs = b.received.stream()
                .mapToLong(it -> it.timeNs() - sentNs(it) - 5_000_000)
                .average()
                .orElseThrow();
        double sigmaNs = GAP.toNanos() / Math.sqrt(12.0 * COUNT);
        assertThat(meanNs).as("seed %d", seed).isCloseTo(GAP.toNanos() / 2.0, Offset.offset(5 * sigmaNs));
        for (int i = 1; i < b.received.size(); i++) {
            assertThat(number(b.received.get(i))).as("seed %d", seed).isEqualTo(i);
        }
    }

    @Test
    void carriesItsRateAndDropsWhatItsQueueDoesNotHold() {
        over(1, LinkSettings.PERFECT.bytesPerSecond(1_000_000).queueBytes(50_000));

        // 1,028 bytes a millisecond with their headers: 2.8 % too much.
        flood(COUNT, 1_000);

        long nsBetween = b.received.get(b.received.size() - 1).timeNs()
                - b.received.get(0).timeNs();
        double bytesPerSecond = (b.received.size() - 1) * 1_028 * 1e9 / nsBetween;
        assertThat(bytesPerSecond).isCloseTo(1_000_000, Offset.offset(1.0));
        assertThat(network.statistics().dropped()).containsOnlyKeys(DropCause.QUEUE_FULL);
        long lastWaitNs =
                b.received.get(b.received.size() - 1).timeNs() - sentNs(b.received.get(b.received.size() - 1));
        assertThat(Duration.ofNanos(lastWaitNs)).isBetween(Duration.ofMillis(48), Duration.ofMillis(53));
    }

    @Test
    void eachDirectionHasItsOwnSettings() {
        network.link(host("a"), host("b"))
                .change(
                        LinkSettings.PERFECT.latency(Duration.ofMillis(3)),
                        LinkSettings.PERFECT.latency(Duration.ofMillis(70)));

        a.send(b.address(), new byte[4]);
        b.send(a.address(), new byte[4]);
        network.advance(Duration.ofSeconds(1));

        assertThat(b.received.get(0).timeNs()).isEqualTo(3_000_000);
        assertThat(a.received.get(0).timeNs()).isEqualTo(70_000_000);
    }

    @Test
    void aChangeWhileItRunsConcernsWhatIsSentFromThenOn() {
        SimulatedLink link =
                network.link(host("a"), host("b")).change(LinkSettings.PERFECT.latency(Duration.ofMillis(100)));
        a.send(b.address(), new byte[] {0, 0, 0, 1});
        network.advance(Duration.ofMillis(50));
        link.change(LinkSettings.PERFECT.loss(1));
        a.send(b.address(), new byte[] {0, 0, 0, 2});
        network.advance(Duration.ofMillis(100));
        link.change(LinkSettings.PERFECT);
        a.send(b.address(), new byte[] {0, 0, 0, 3});
        network.advance(Duration.ofMillis(100));

        assertThat(numbers(b)).containsExactly(1, 3);
        assertThat(b.received.get(0).timeNs()).isEqualTo(100_000_000);
    }

    @Test
    void theDefaultConcernsOnlyLinksWithoutSettingsOfTheirOwn() {
        RawSocket c = bind("c");
        network.link(host("a"), host("b")).change(LinkSettings.PERFECT.latency(Duration.ofMillis(1)));
        network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(7)));

        a.send(b.address(), new byte[4]);
        a.send(c.address(), new byte[4]);
        network.advance(Duration.ofSeconds(1));

        assertThat(b.received.get(0).timeNs()).isEqualTo(1_000_000);
        assertThat(c.received.get(0).timeNs()).isEqualTo(7_000_000);
    }

    @Test
    void anUplinkIsSharedByAllPeers() {
        RawSocket c = bind("c");
        network.changeDefaultLink(LinkSettings.PERFECT);
        host("a").uplink(LinkSettings.PERFECT.bytesPerSecond(1_000_000).queueBytes(1 << 20));

        for (int i = 0; i < 100; i++) {
            a.send((i % 2 == 0 ? b : c).address(), new byte[972]);
        }
        network.advance(Duration.ofSeconds(1));

        assertThat(b.received).hasSize(50);
        assertThat(c.received).hasSize(50);
        assertThat(c.received.get(49).timeNs()).isEqualTo(100_000_000);
    }

    @Test
    void aDownlinkIsSharedByAllPeersAndDropsInTheNameOfItsHost() {
        RawSocket c = bind("c");
        network.changeDefaultLink(LinkSettings.PERFECT);
        host("b").downlink(LinkSettings.PERFECT.bytesPerSecond(1_000_000).queueBytes(50_000));
        Timeline timeline = Timeline.of(network, 1_000);

        for (int i = 0; i < 100; i++) {
            (i % 2 == 0 ? a : c).send(b.address(), new byte[972]);
        }
        network.advance(Duration.ofSeconds(1));

        assertThat(b.received).hasSize(51);
        assertThat(timeline.events().stream()
                        .filter(SimulationEvent.Dropped.class::isInstance)
                        .map(SimulationEvent::host))
                .hasSize(49)
                .containsOnly("b");
    }

    @Test
    void whatAnUplinkHoldsBackIsOvertakenByWhatFollows() {
        network.changeDefaultLink(LinkSettings.PERFECT);
        host("a").uplink(LinkSettings.PERFECT.reordering(1).reorderDelay(Duration.ofMillis(10)));
        a.send(b.address(), new byte[] {0, 0, 0, 1});
        host("a").uplink(LinkSettings.PERFECT);
        a.send(b.address(), new byte[] {0, 0, 0, 2});
        network.advance(Duration.ofSeconds(1));

        assertThat(numbers(b)).containsExactly(2, 1);
        assertThat(b.received.get(0).timeNs()).isZero();
    }

    @Test
    void aChangedUplinkKeepsItsQueue() {
        network.changeDefaultLink(LinkSettings.PERFECT);
        host("a").uplink(LinkSettings.PERFECT.bytesPerSecond(1_000));
        a.send(b.address(), new byte[972]);
        host("a").uplink(LinkSettings.PERFECT.bytesPerSecond(2_000));
        a.send(b.address(), new byte[972]);
        network.advance(Duration.ofSeconds(10));

        assertThat(b.received).extracting(RawSocket.Received::timeNs).containsExactly(1_000_000_000L, 1_500_000_000L);
    }

    private void over(long seed, LinkSettings settings) {
        network = SimulatedNetwork.create(seed);
        a = bind("a");
        b = bind("b");
        network.link(host("a"), host("b")).change(settings, LinkSettings.PERFECT);
    }

    /** One datagram a millisecond, numbered, from a to b. */
    private void flood(int count, int size) {
        for (int i = 0; i < count; i++) {
            a.send(b.address(), ByteBuffer.allocate(size).putInt(0, i).array());
            network.advance(GAP);
        }
        network.advance(Duration.ofSeconds(10));
    }

    private static void assertShare(long seed, int hits, double share, double varianceFactor) {
        double sigma = Math.sqrt(COUNT * share * (1 - share) * varianceFactor);
        assertThat((double) hits).as("seed %d", seed).isCloseTo(COUNT * share, Offset.offset(5 * sigma));
    }

    private RawSocket bind(String name) {
        return RawSocket.bind(network, host(name), 4433);
    }

    private SimulatedHost host(String name) {
        return network.host(name);
    }

    private static long sentNs(RawSocket.Received received) {
        return number(received) * GAP.toNanos();
    }

    private static int number(RawSocket.Received received) {
        return ByteBuffer.wrap(received.bytes()).getInt();
    }

    private static List<Integer> numbers(RawSocket socket) {
        return socket.received.stream().map(LinksBetweenHostsTest::number).toList();
    }
}
