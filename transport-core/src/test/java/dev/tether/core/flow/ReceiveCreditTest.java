package dev.tether.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** RFC 9000 §4.1, §4.2. */
class ReceiveCreditTest {

    private static final long RTT_NS = 50_000_000;
    private static final int WINDOW = 1 << 20;

    private final ReceiveCredit credit = new ReceiveCredit(WINDOW, 16 * WINDOW);

    @Test
    void bytesUpToTheLimitAreAccepted() {
        assertThat(credit.onReceived(WINDOW)).isEqualTo(ReceiveCredit.Outcome.WITHIN_LIMIT);
    }

    @Test
    void oneByteBeyondTheLimitIsAViolation() {
        credit.onReceived(WINDOW - 1);

        assertThat(credit.onReceived(2)).isEqualTo(ReceiveCredit.Outcome.LIMIT_EXCEEDED);
        assertThat(credit.unconsumed()).isEqualTo(WINDOW - 1);
    }

    @Test
    void bytesThatAreNotConsumedNeverRaiseTheLimit() {
        credit.onReceived(WINDOW);

        assertThat(credit.isUpdateDue()).isFalse();
        assertThat(credit.nextLimit()).isEqualTo(WINDOW);
    }

    @Test
    void anUpdateIsDueWhenAnEighthOfTheWindowIsConsumed() {
        passThrough(WINDOW / 8 - 1);
        assertThat(credit.isUpdateDue()).isFalse();

        passThrough(1);
        assertThat(credit.isUpdateDue()).isTrue();
        assertThat(credit.update(0, RTT_NS)).isEqualTo(WINDOW + WINDOW / 8);
        assertThat(credit.isUpdateDue()).isFalse();
    }

    @Test
    void bytesHeldBackMakeUpdatesSmallerButDoNotEndThem() {
        credit.onReceived(WINDOW * 7 / 8);
        passThrough(WINDOW / 16);

        assertThat(credit.isUpdateDue()).isTrue();
        assertThat(credit.update(0, RTT_NS)).isEqualTo(WINDOW + WINDOW / 16);
    }

    @Test
    void aSmallReadBelowAFullWindowIsNotWorthAnUpdate() {
        credit.onReceived(WINDOW);
        credit.onConsumed(WINDOW / 64 - 1);
        assertThat(credit.isUpdateDue()).isFalse();

        credit.onConsumed(1);
        assertThat(credit.isUpdateDue()).isTrue();
    }

    @Test
    void theWindowDoublesUpToItsMaximumWhenUpdatesFollowFasterThanTwoRoundTrips() {
        long nowNs = 0;
        long[] windows = new long[6];
        for (int i = 0; i < windows.length; i++) {
            passThrough(credit.window() / 2);
            credit.update(nowNs, RTT_NS);
            windows[i] = credit.window() / WINDOW;
            nowNs += 2 * RTT_NS - 1;
        }

        assertThat(windows).containsExactly(1, 2, 4, 8, 16, 16);
    }

    @Test
    void theWindowStaysWhenUpdatesAreRare() {
        for (int i = 0; i < 5; i++) {
            passThrough(WINDOW / 2);
            credit.update(2 * RTT_NS * i, RTT_NS);
        }

        assertThat(credit.window()).isEqualTo(WINDOW);
    }

    @Test
    void smallUpdatesOfASlowReaderDoNotGrowTheWindow() {
        credit.onReceived(WINDOW);
        for (int i = 0; i < 200; i++) {
            credit.onConsumed(WINDOW / 64);
            long before = credit.limit();
            credit.onReceived(credit.update(RTT_NS / 4 * i, RTT_NS) - before);
        }

        assertThat(credit.window()).isEqualTo(WINDOW);
    }

    @Test
    void aLostUpdateIsDueAgainWithTheCurrentLimit() {
        passThrough(WINDOW / 2);
        long lost = credit.update(0, RTT_NS);
        passThrough(1000);

        credit.onUpdateLost(lost);

        assertThat(credit.isUpdateDue()).isTrue();
        assertThat(credit.update(1, RTT_NS)).isEqualTo(lost + 1000);
    }

    @Test
    void aLostUpdateThatWasSupersededIsNotSentAgain() {
        passThrough(WINDOW / 2);
        long lost = credit.update(0, RTT_NS);
        passThrough(WINDOW / 2);
        credit.update(RTT_NS * 10, RTT_NS);

        credit.onUpdateLost(lost);

        assertThat(credit.isUpdateDue()).isFalse();
    }

    @Test
    void theWindowGrowsOnRequestUpToItsMaximumAndNeverShrinks() {
        credit.growTo(3 * WINDOW);
        assertThat(credit.window()).isEqualTo(3 * WINDOW);
        credit.growTo(WINDOW);
        assertThat(credit.window()).isEqualTo(3 * WINDOW);
        credit.growTo(99L * WINDOW);
        assertThat(credit.window()).isEqualTo(16 * WINDOW);
    }

    @Test
    void theWindowOfAConnectionDoublesWhenMoreThanHalfOfItIsNotConsumed() {
        ReceiveCredit connection = ReceiveCredit.ofConnection(WINDOW, 4 * WINDOW);
        connection.onReceived(WINDOW / 2);
        assertThat(connection.window()).isEqualTo(WINDOW);
        assertThat(connection.isUpdateDue()).isFalse();

        connection.onReceived(1);
        assertThat(connection.window()).isEqualTo(2 * WINDOW);
        assertThat(connection.isUpdateDue()).isTrue();
        assertThat(connection.update(0, RTT_NS)).isEqualTo(2 * WINDOW);
    }

    @Test
    void theWindowOfAConnectionGrowsToItsMaximumAndNoFurther() {
        ReceiveCredit connection = ReceiveCredit.ofConnection(WINDOW, 3 * WINDOW);
        connection.onReceived(WINDOW);
        connection.onReceived(connection.update(0, RTT_NS) - WINDOW);
        assertThat(connection.update(0, RTT_NS)).isEqualTo(3 * WINDOW);
        connection.onReceived(WINDOW);

        assertThat(connection.isUpdateDue()).isFalse();
        assertThat(connection.onReceived(1)).isEqualTo(ReceiveCredit.Outcome.LIMIT_EXCEEDED);
    }

    @Test
    void theWindowOfAStreamDoesNotGrowOverWhatIsNotConsumed() {
        credit.onReceived(WINDOW);

        assertThat(credit.window()).isEqualTo(WINDOW);
    }

    @Test
    void whatIsLeftOfAConnectionsWindowGoesRoundHoweverLittleItIs() {
        ReceiveCredit connection = ReceiveCredit.ofConnection(WINDOW, WINDOW);
        connection.onReceived(WINDOW - 1000);
        connection.onReceived(499);
        connection.onConsumed(499);
        assertThat(connection.isUpdateDue()).isFalse();

        connection.onReceived(1);
        connection.onConsumed(1);
        assertThat(connection.isUpdateDue()).isTrue();
        assertThat(connection.update(0, RTT_NS)).isEqualTo(WINDOW + 500);
    }

    @Test
    void aWindowOfNothingIsRefused() {
        assertThatThrownBy(() -> new ReceiveCredit(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ReceiveCredit(2, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private void passThrough(long bytes) {
        assertThat(credit.onReceived(bytes)).isEqualTo(ReceiveCredit.Outcome.WITHIN_LIMIT);
        credit.onConsumed(bytes);
    }
}
