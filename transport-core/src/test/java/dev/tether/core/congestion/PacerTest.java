package dev.tether.core.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9002, section 7.7. */
class PacerTest {

    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int MTU = 1200;

    @Test
    void tenPacketsMayLeaveAtOnce() {
        Pacer pacer = new Pacer(100_000, MTU, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(pacer.maySend(0)).isTrue();
            pacer.onPacketSent(MTU, 0);
        }
        assertThat(pacer.maySend(0)).isFalse();
        assertThat(pacer.nextSendNs(MTU, 0)).isEqualTo(12 * MS);
        assertThat(pacer.maySend(12 * MS - 1)).isTrue();
    }

    @Test
    void aDelayShorterThanTheTimerGranularityIsNotImposed() {
        Pacer pacer = new Pacer(10_000_000, MTU, 0);
        int sent = sendAll(pacer, 0);

        // The bucket, and a debt of a millisecond.
        assertThat(sent * MTU).isBetween(12_000 + 10_000 - MTU, 12_000 + 10_000);
        assertThat(pacer.nextSendNs(MTU, 0)).isGreaterThanOrEqualTo(MS);
    }

    @ParameterizedTest
    @CsvSource({
        "100000, 1200",
        "1000000, 1200",
        "12345678, 1452",
        "125000000, 1452",
        "1000000000, 8952",
        "3333333333, 65000"
    })
    void theRateIsExactInTheLongRun(long rate, int mtu) {
        Pacer pacer = new Pacer(rate, mtu, 0);
        long nowNs = 0;
        long sent = 0;
        while (nowNs < 20 * SECOND) {
            long nextNs = pacer.nextSendNs(mtu, nowNs);
            if (nextNs > nowNs) {
                nowNs = nextNs;
            } else {
                pacer.onPacketSent(mtu, nowNs);
                sent += mtu;
            }
        }

        long slack = Pacer.MAX_BURST_BYTES + 2 * mtu + rate / 1000;
        assertThat(sent).isBetween(20 * rate - slack, 20 * rate + slack);
    }

    @Test
    void aBatchForSegmentationOffloadLeavesAtOnceOnAFastPath() {
        Pacer pacer = new Pacer(100_000_000, MTU, 0);
        assertThat(pacer.nextSendNs(64 * 1024, 0)).isZero();
        pacer.onPacketSent(64 * 1024, 0);
        pacer.onPacketSent(64 * 1024, 0);
        assertThat(pacer.nextSendNs(64 * 1024, 0)).isZero();
    }

    @Test
    void aBatchLargerThanTheBucketWaitsForAFullBucketAndNotForEver() {
        Pacer pacer = new Pacer(100_000, MTU, 0);
        pacer.onPacketSent(12_000, 0);
        assertThat(pacer.nextSendNs(64 * 1024, 0)).isEqualTo(120 * MS);
        assertThat(pacer.nextSendNs(64 * 1024, 120 * MS)).isEqualTo(120 * MS);
    }

    @Test
    void aPauseFillsTheBucketButNoMore() {
        Pacer pacer = new Pacer(1_000_000, MTU, 0);
        sendAll(pacer, 0);
        int sent = sendAll(pacer, 3600 * SECOND);
        assertThat(sent * MTU).isBetween(12_000, 13_200);
    }

    @Test
    void debtOfAHighRateDoesNotSilenceALowOne() {
        Pacer pacer = new Pacer(1_000_000_000, MTU, 0);
        sendAll(pacer, 0);
        pacer.update(100_000, MTU, 0);
        assertThat(pacer.nextSendNs(MTU, 0)).isLessThanOrEqualTo(13 * MS);
    }

    @Test
    void aHigherRateTakesEffectFromNowOn() {
        Pacer pacer = new Pacer(100_000, MTU, 0);
        sendAll(pacer, 0);
        pacer.update(1_200_000, MTU, 0);
        assertThat(pacer.nextSendNs(MTU, 0)).isEqualTo(MS);
    }

    private static int sendAll(Pacer pacer, long nowNs) {
        int sent = 0;
        while (pacer.maySend(nowNs)) {
            pacer.onPacketSent(MTU, nowNs);
            sent++;
        }
        return sent;
    }
}
