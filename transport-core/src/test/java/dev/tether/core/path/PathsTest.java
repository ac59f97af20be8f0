package dev.tether.core.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tether.core.simulation.SeededRandom;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** RFC 9000 §9. */
class PathsTest {

    private static final long PTO_NS = 100_000_000;
    private static final int LEAST = 42;
    private static final InetSocketAddress HOME = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress AWAY = new InetSocketAddress("198.51.100.1", 2);
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("203.0.113.1", 3);

    private final Paths paths = new Paths(new SeededRandom(1), LEAST, HOME);
    private long nowNs = 1_000_000_000;

    @Test
    void packetsFromTheAddressItselfChangeNothing() {
        paths.onPacket(HOME, 1200, true, PTO_NS, nowNs);

        assertThat(paths.pollProbe(nowNs)).isNull();
        assertThat(paths.timeoutNs()).isEqualTo(Long.MAX_VALUE);
        assertThat(paths.active()).isEqualTo(HOME);
    }

    @Test
    void theNewestPacketFromElsewhereHasBothAddressesChallenged() {
        newest(AWAY, 1200);

        assertThat(probes())
                .extracting(Paths.Probe::to, Paths.Probe::frame, Paths.Probe::length)
                .containsExactly(tuple(AWAY, Paths.Frame.CHALLENGE, 1200), tuple(HOME, Paths.Frame.CHALLENGE, 1200));
        assertThat(paths.active()).isEqualTo(HOME);
    }

    @Test
    void anOlderPacketFromElsewhereDoesNot() {
        paths.onPacket(AWAY, 1200, false, PTO_NS, nowNs);

        assertThat(probes()).isEmpty();
    }

    @Test
    void whenTheNewAddressAnswersPacketsGoThere() {
        newest(AWAY, 1200);
        assertThat(paths.onResponse(challengeTo(AWAY), nowNs)).isTrue();

        assertThat(paths.active()).isEqualTo(AWAY);
    }

    @Test
    void whenTheOldAddressAnswersFirstPacketsStayAndTheNewOneIsPassedOverForASecond() {
        newest(AWAY, 1200);
        assertThat(paths.onResponse(challengeTo(HOME), nowNs)).isFalse();
        assertThat(paths.active()).isEqualTo(HOME);

        newest(AWAY, 1200);
        assertThat(probes()).isEmpty();
        nowNs += 1_000_000_000;
        newest(AWAY, 1200);
        assertThat(probes()).hasSize(2);
    }

    @Test
    void whenTheOldAddressAnswersAfterTheNewOnePacketsGoBack() {
        newest(AWAY, 1200);
        List<Paths.Probe> challenges = probes();
        paths.onResponse(dataTo(AWAY, challenges), nowNs);
        assertThat(paths.active()).isEqualTo(AWAY);

        assertThat(paths.onResponse(dataTo(HOME, challenges), nowNs)).isTrue();
        assertThat(paths.active()).isEqualTo(HOME);
        newest(AWAY, 1200);
        assertThat(probes()).as("the address that was left is passed over").isEmpty();
    }

    @Test
    void theOldAddressHasNoMoreSayAfterItsTime() {
        newest(AWAY, 1200);
        List<Paths.Probe> challenges = probes();
        paths.onResponse(dataTo(AWAY, challenges), nowNs);
        nowNs += 4_000_000_000L;
        paths.onTimeout(nowNs);

        assertThat(paths.onResponse(dataTo(HOME, challenges), nowNs)).isFalse();
        assertThat(paths.active()).isEqualTo(AWAY);
        assertThat(paths.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPeerThatSpeaksFromItsAddressAgainIsNotLookedForElsewhere() {
        newest(AWAY, 1200);
        List<Paths.Probe> challenges = probes();
        newest(HOME, 1200);

        assertThat(paths.onResponse(dataTo(AWAY, challenges), nowNs)).isFalse();
        assertThat(paths.active()).isEqualTo(HOME);
        assertThat(paths.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPeerThatMovesOnIsLookedForWhereItWasHeardLast() {
        newest(AWAY, 1200);
        probes();
        newest(ELSEWHERE, 1200);

        assertThat(probes()).extracting(Paths.Probe::to).containsExactly(ELSEWHERE, HOME);
    }

    @Test
    void aCandidateThatDoesNotAnswerIsGivenUp() {
        newest(AWAY, 1200);
        while (paths.timeoutNs() != Long.MAX_VALUE) {
            nowNs = paths.timeoutNs();
            paths.onTimeout(nowNs);
            probes();
        }

        assertThat(nowNs).isEqualTo(1_000_000_000 + 3 * 999_000_000L);
        assertThat(paths.active()).isEqualTo(HOME);
    }

    /** RFC 9000 §8.1. */
    @Test
    void noMoreThanThreeTimesWhatCameFromAnAddressGoesThereBeforeItHasAnswered() {
        int received = 0;
        int sent = 0;
        for (int length : new int[] {13, 1, 100, 33, 1200}) {
            newest(AWAY, length);
            received += length;
            for (int i = 0; i < 20; i++) {
                nowNs += PTO_NS;
                sent += probes().stream()
                        .filter(it -> it.to().equals(AWAY))
                        .mapToInt(Paths.Probe::length)
                        .sum();
                assertThat(sent).isLessThanOrEqualTo(3 * received);
            }
        }
        assertThat(sent).isPositive();
    }

    /** It would be due again and again. */
    @Test
    void aChallengeForWhichTooLittleWasReceivedIsNotWaitedForByATimer() {
        newest(AWAY, LEAST / 3 - 1);
        probes();

        assertThat(paths.timeoutNs()).isGreaterThan(nowNs);
    }

    @Test
    void aChallengeIsAnsweredOnceToWhereItCameFromWithNoMoreBytes() {
        paths.onChallenge(ELSEWHERE, 77, 5);

        assertThat(probes()).containsExactly(new Paths.Probe(ELSEWHERE, Paths.Frame.RESPONSE, 5, 77));
        assertThat(probes()).isEmpty();
        assertThat(paths.active()).isEqualTo(HOME);
    }

    private void newest(InetSocketAddress from, int length) {
        paths.onPacket(from, length, true, PTO_NS, nowNs);
    }

    private List<Paths.Probe> probes() {
        List<Paths.Probe> probes = new ArrayList<>();
        for (Paths.Probe next = paths.pollProbe(nowNs); next != null; next = paths.pollProbe(nowNs)) {
            probes.add(next);
        }
        return probes;
    }

    private long challengeTo(InetSocketAddress address) {
        return dataTo(address, probes());
    }

    private static long dataTo(InetSocketAddress address, List<Paths.Probe> probes) {
        return Objects.requireNonNull(probes.stream()
                        .filter(it -> it.to().equals(address))
                        .findFirst()
                        .orElse(null))
                .data();
    }
}
