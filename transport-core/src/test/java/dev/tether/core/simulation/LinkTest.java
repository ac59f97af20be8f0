package dev.tether.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A link's order, limits and changes. */
class LinkTest {

    private static final long MS = 1_000_000L;
    private static final long US = 1_000L;

    /** 1000 bytes with their headers at 1,028,000 bytes per second: 1 ms each. */
    private static final LinkSettings ONE_PER_MS = LinkSettings.PERFECT.bytesPerSecond(1_028_000);

    @Test
    void aPerfectLinkDeliversAtOnce() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT, 1, 1000, MS);
        assertThat(run.arrivals())
                .hasSize(1000)
                .allMatch(arrival -> arrival.delayNs() == 0
                        && arrival.received() == arrival.sent()
                        && arrival.alteration() == Link.Alteration.NONE);
    }

    @Test
    void theLatencyIsExact() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.latency(Duration.ofNanos(12_345_678)), 1, 1000, MS);
        assertThat(run.arrivals()).hasSize(1000).allMatch(arrival -> arrival.delayNs() == 12_345_678);
    }

    @Test
    void jitterDoesNotReorder() {
        List<Jitter> jitters = List.of(
                Jitter.uniform(Duration.ofMillis(10)),
                Jitter.normal(Duration.ofMillis(10)),
                Jitter.exponential(Duration.ofMillis(10)));
        for (Jitter jitter : jitters) {
            LinkRun run = LinkRun.of(LinkSettings.PERFECT.jitter(jitter), 1, 10_000, 10 * US);
            assertThat(run.received()).as(jitter.toString()).isEqualTo(run.arrivals());
            assertThat(run.arrivals().stream()
                            .mapToLong(LinkRun.Arrival::delayNs)
                            .distinct()
                            .count())
                    .as(jitter.toString())
                    .isGreaterThan(1);
        }
    }

    @Test
    void aDatagramThatIsHeldBackHoldsNoOtherBack() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.reordering(0.5).duplication(0.5), 1, 1000, US);
        assertThat(run.arrivals(Link.Alteration.NONE)).isNotEmpty().allMatch(arrival -> arrival.delayNs() == 0);
    }

    @Test
    void oneSeedGivesOneHistory() {
        LinkSettings settings = LinkSettings.PERFECT
                .jitter(Jitter.normal(Duration.ofMillis(1)))
                .loss(0.1)
                .burstLoss(new BurstLoss(0.1, 0.3, 0.9))
                .reordering(0.1)
                .duplication(0.1)
                .corruption(0.1)
                .truncation(0.1);
        LinkRun first = LinkRun.of(settings, 7, 1000, MS);
        LinkRun second = LinkRun.of(settings, 7, 1000, MS);
        LinkRun other = LinkRun.of(settings, 8, 1000, MS);
        assertThat(second.fates()).isEqualTo(first.fates());
        assertThat(second.arrivals())
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(first.arrivals());
        assertThat(other.fates()).isNotEqualTo(first.fates());
    }

    @Test
    void aFaultThatIsOffDrawsNothing() {
        LinkSettings off = LinkSettings.PERFECT
                .latency(Duration.ofMillis(5))
                .burstLoss(new BurstLoss(0, 0.5, 1))
                .bytesPerSecond(1_000_000)
                .mtu(500);
        SeededRandom random = new SeededRandom(3);
        Link link = new Link(off, random);
        for (int i = 0; i < 600; i++) {
            link.transmit(new byte[i], i * MS, new Ignored());
        }
        link.change(LinkSettings.PERFECT.burstLoss(new BurstLoss(0.5, 0.5, 0)));
        link.transmit(new byte[100], 600 * MS, new Ignored());
        assertThat(random.nextLong()).isEqualTo(new SeededRandom(3).nextLong());
    }

    @Test
    void sendsAtItsRateCountingHeaders() {
        LinkRun run = new LinkRun(ONE_PER_MS, 1).send(200, 1000, 0);
        for (int i = 0; i < 200; i++) {
            assertThat(run.arrivals().get(i).delayNs()).as("datagram %d", i).isEqualTo((i + 1) * MS);
        }
    }

    /** 128 bytes take 42.67 ns: rounding each down would make the link 1.6 % too fast. */
    @Test
    void aFastLinkIsNotRoundedFaster() {
        LinkRun run = new LinkRun(
                        LinkSettings.PERFECT.bytesPerSecond(3_000_000_000L).queueBytes(1 << 30), 1)
                .send(30_000, 100, 0);
        assertThat(run.arrivals().get(29_999).delayNs()).isEqualTo(1_280_000);
    }

    @Test
    void theRateCarriesWhatItShouldUnderTwiceItsLoad() {
        LinkRun run = new LinkRun(ONE_PER_MS, 1).send(20_000, 1000, MS / 2);
        long delivered = run.arrivals().stream()
                .filter(arrival -> arrival.atNs() <= LinkRun.START_NS + 10_000 * MS)
                .count();
        assertThat(delivered).as("in 10 s at one per ms").isEqualTo(10_000);
        int queued = (256 << 10) / 1028;
        assertThat(run.arrivals().size() + run.drops(DropCause.QUEUE_FULL)).isEqualTo(20_000);
        assertThat(run.arrivals()).hasSizeBetween(10_000, 10_000 + queued + 1);
        assertThat(run.arrivals())
                .as("a wait for %d in the queue, the one being sent, and the own bytes", queued)
                .allMatch(arrival -> arrival.delayNs() <= (queued + 2) * MS);
        assertThat(run.arrivals()).anyMatch(arrival -> arrival.delayNs() > queued * MS);
    }

    @Test
    void underItsRateNothingWaits() {
        LinkRun run = new LinkRun(ONE_PER_MS.queueBytes(0), 1).send(1000, 1000, MS);
        assertThat(run.arrivals()).hasSize(1000).allMatch(arrival -> arrival.delayNs() == MS);
    }

    @Test
    void theQueueDropsWhatFindsNoRoom() {
        LinkRun run = new LinkRun(ONE_PER_MS.queueBytes(3 * 1028 + 1027), 1).send(10, 1000, 0);
        assertThat(run.fates().indexOf(DropCause.QUEUE_FULL))
                .as("one is being sent, three wait")
                .isEqualTo(4);
        assertThat(run.drops(DropCause.QUEUE_FULL)).isEqualTo(6);

        run.send(1, 999, 0);
        assertThat(run.drops(DropCause.QUEUE_FULL)).as("1027 bytes were free").isEqualTo(6);
        run.send(1, 0, 0);
        assertThat(run.drops(DropCause.QUEUE_FULL)).as("none is free").isEqualTo(7);
    }

    @Test
    void theQueueHasRoomAgainWhenADatagramBeginsToBeSent() {
        LinkRun run = new LinkRun(ONE_PER_MS.queueBytes(2 * 1028), 1).send(4, 1000, 0);
        assertThat(run.drops()).isEqualTo(1);
        run.waitNs(MS - 1).send(1, 1000, 0);
        assertThat(run.drops()).isEqualTo(2);
        run.waitNs(1).send(2, 1000, 0);
        assertThat(run.drops()).isEqualTo(3);
        assertThat(run.arrivals().get(3).atNs()).isEqualTo(LinkRun.START_NS + 4 * MS);
        run.waitNs(100 * MS).send(4, 1000, 0);
        assertThat(run.drops()).isEqualTo(4);
        assertThat(run.arrivals().get(4).delayNs()).isEqualTo(MS);
    }

    /** Many more than the queue was made for at first, several times over. */
    @Test
    void theQueueGrowsAndKeepsItsOrder() {
        LinkRun run = new LinkRun(ONE_PER_MS.queueBytes(1 << 20), 1);
        for (int round = 0; round < 20; round++) {
            run.send(30 + 50 * (round % 3), 1000, 0).waitNs(47 * MS);
        }
        assertThat(run.drops()).isZero();
        assertThat(run.received()).isEqualTo(run.arrivals());
        // The first round is sent by the time the second comes; from then on, something always waits.
        long lastNs = run.arrivals().get(run.sent() - 1).atNs();
        assertThat(lastNs).isEqualTo(LinkRun.START_NS + 47 * MS + (run.sent() - 30) * MS);
    }

    @Test
    void whatIsLostHasTakenItsTimeOnTheLink() {
        LinkRun run = new LinkRun(ONE_PER_MS.loss(0.5), 1).send(100, 1000, 0);
        assertThat(run.drops(DropCause.LOSS)).isBetween(25, 75);
        assertThat(run.arrivals()).allMatch(arrival -> arrival.delayNs() == (arrival.index() + 1) * MS);
    }

    @Test
    void theSenderIsToldOfADatagramOverTheMtu() {
        LinkRun run =
                new LinkRun(LinkSettings.PERFECT.mtu(1200), 1).send(1, 1200, MS).send(1, 1201, MS);
        assertThat(run.fates()).containsExactly(null, DropCause.TOO_LARGE);
    }

    @Test
    void aBlackHoleSwallowsADatagramOverTheMtu() {
        LinkRun run = new LinkRun(LinkSettings.PERFECT.mtu(1200).blackHole(true), 1)
                .send(1, 1200, MS)
                .send(1, 1201, MS);
        assertThat(run.fates()).containsExactly(null, DropCause.BLACK_HOLE);
    }

    @Test
    void withoutAnMtuTheLargestDatagramFits() {
        LinkRun run = new LinkRun(LinkSettings.PERFECT.blackHole(true), 1).send(1, 65_507, MS);
        assertThat(run.arrivals()).hasSize(1);
    }

    @Test
    void whatIsTooLargeTakesNoTimeOnTheLink() {
        LinkRun run = new LinkRun(ONE_PER_MS.mtu(1000), 1).send(10, 1400, 0).send(1, 1000, 0);
        assertThat(run.arrivals()).hasSize(1).allMatch(arrival -> arrival.delayNs() == MS);
    }

    @Test
    void aLinkThatIsDownCarriesNothing() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.mtu(50), 1, 0, MS);
        assertThat(run.link().isUp()).isTrue();
        run.link().setUp(false);
        assertThat(run.link().isUp()).isFalse();
        run.send(10, 40, MS).send(10, 60, MS);
        assertThat(run.fates()).isEqualTo(Collections.nCopies(20, DropCause.PARTITION));
        run.link().setUp(true);
        run.send(10, 40, MS);
        assertThat(run.arrivals()).hasSize(10);
    }

    @Test
    void aChangeHoldsForWhatIsSentFromThenOn() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT, 1, 100, MS);
        LinkSettings slow = LinkSettings.PERFECT.latency(Duration.ofMillis(40));
        run.link().change(slow);
        assertThat(run.link().settings()).isEqualTo(slow);
        run.send(100, 100, MS);
        run.link().change(slow.loss(1));
        run.send(100, 100, MS);
        assertThat(run.arrivals()).hasSize(200);
        assertThat(run.arrivals().subList(0, 100)).allMatch(arrival -> arrival.delayNs() == 0);
        assertThat(run.arrivals().subList(100, 200)).allMatch(arrival -> arrival.delayNs() == 40 * MS);
        assertThat(run.drops(DropCause.LOSS)).isEqualTo(100);
    }

    @Test
    void aShorterLatencyDoesNotReorder() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.latency(Duration.ofMillis(100)), 1, 10, MS);
        run.link().change(LinkSettings.PERFECT);
        run.send(200, 100, MS);
        assertThat(run.received()).isEqualTo(run.arrivals());
        assertThat(run.arrivals().get(10).atNs()).isEqualTo(LinkRun.START_NS + 109 * MS);
        assertThat(run.arrivals().get(209).delayNs()).isZero();
    }

    @Test
    void anotherRateHoldsAfterWhatWaits() {
        LinkRun run = new LinkRun(ONE_PER_MS.queueBytes(10 * 1028), 1).send(11, 1000, 0);
        run.link().change(ONE_PER_MS.bytesPerSecond(10_280_000).queueBytes(10 * 1028));
        run.send(1, 1000, 0);
        assertThat(run.drops(DropCause.QUEUE_FULL))
                .as("the queue is as full as before")
                .isEqualTo(1);
        run.waitNs(MS).send(2, 1000, 0);
        assertThat(run.drops(DropCause.QUEUE_FULL))
                .as("one more has begun to be sent")
                .isEqualTo(2);
        assertThat(run.arrivals().get(10).atNs()).isEqualTo(LinkRun.START_NS + 11 * MS);
        assertThat(run.arrivals().get(11).atNs()).isEqualTo(LinkRun.START_NS + 11 * MS + MS / 10);
    }

    @Test
    void withoutALimitAnyMoreNothingOvertakesWhatWaits() {
        LinkRun run = new LinkRun(ONE_PER_MS, 1).send(10, 1000, 0);
        run.link().change(LinkSettings.PERFECT);
        run.send(1, 1000, 0).waitNs(20 * MS).send(1, 1000, 0);
        assertThat(run.arrivals().get(10).atNs()).isEqualTo(LinkRun.START_NS + 10 * MS);
        assertThat(run.arrivals().get(11).delayNs()).isZero();
    }

    @Test
    void aBurstEndsWhenItsModelIsSwitchedOff() {
        LinkRun run = LinkRun.of(LinkSettings.PERFECT.burstLoss(new BurstLoss(1, 0, 1)), 1, 100, MS);
        assertThat(run.drops(DropCause.BURST_LOSS)).isEqualTo(100);
        run.link().change(LinkSettings.PERFECT);
        run.link().change(LinkSettings.PERFECT.burstLoss(new BurstLoss(Double.MIN_VALUE, 0, 1)));
        run.send(100, 100, MS);
        assertThat(run.arrivals()).hasSize(100);
    }

    @Test
    void aBurstGoesOnThroughAnotherChange() {
        LinkSettings burst = LinkSettings.PERFECT.burstLoss(new BurstLoss(1, 0, 1));
        LinkRun run = LinkRun.of(burst, 1, 1, MS);
        run.link().change(burst.burstLoss(new BurstLoss(Double.MIN_VALUE, 0, 1)).latency(Duration.ofMillis(1)));
        run.send(100, 100, MS);
        assertThat(run.drops(DropCause.BURST_LOSS)).isEqualTo(101);
    }

    @Test
    void anOutcomeThatSendsAtOnceDisturbsNothing() {
        LinkSettings settings = LinkSettings.PERFECT.duplication(1).jitter(Jitter.uniform(Duration.ofMillis(1)));
        Link link = new Link(settings, new SeededRandom(1));
        LinkRun apart = new LinkRun(settings, 1).send(2, 100, 0);
        long[] duplicates = new long[2];
        link.transmit(new byte[100], LinkRun.START_NS, new Ignored() {
            private boolean first = true;

            @Override
            public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {
                if (alteration == Link.Alteration.DUPLICATE) {
                    duplicates[0] = atNs;
                } else if (first) {
                    first = false;
                    link.transmit(datagram, LinkRun.START_NS, new Ignored() {
                        @Override
                        public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {
                            duplicates[1] = atNs;
                        }
                    });
                }
            }
        });
        assertThat(duplicates)
                .containsExactly(
                        apart.arrivals().get(1).atNs(), apart.arrivals().get(3).atNs());
    }

    @Test
    void anUnalteredDatagramAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        LinkSettings settings = LinkSettings.PERFECT
                .latency(Duration.ofMillis(5))
                .jitter(Jitter.normal(Duration.ofMillis(1)))
                .loss(0.1)
                .burstLoss(new BurstLoss(0.1, 0.5, 0.5))
                .reordering(0.1)
                .duplication(0.1)
                .bytesPerSecond(1_000_000)
                .queueBytes(20_000);
        Link link = new Link(settings, new SeededRandom(1));
        Ignored outcome = new Ignored();
        byte[] datagram = new byte[100];
        long nowNs = transmit(link, datagram, 20_000, 0, outcome);
        long before = threads.getCurrentThreadAllocatedBytes();
        transmit(link, datagram, 100_000, nowNs, outcome);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // The reading itself may allocate a little; one object per datagram would be megabytes.
        assertThat(allocated).as("bytes for 100,000 datagrams").isLessThan(10_000);
    }

    private static long transmit(Link link, byte[] datagram, int count, long nowNs, Link.Outcome outcome) {
        long timeNs = nowNs;
        for (int i = 0; i < count; i++) {
            link.transmit(datagram, timeNs, outcome);
            timeNs += 100 * US;
        }
        return timeNs;
    }

    private static class Ignored implements Link.Outcome {
        @Override
        public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {}

        @Override
        public void dropped(DropCause cause) {}
    }
}
