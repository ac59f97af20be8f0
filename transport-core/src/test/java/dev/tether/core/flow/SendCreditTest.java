package dev.tether.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** RFC 9000 §4.1. */
class SendCreditTest {

    private final SendCredit credit = new SendCredit(100);

    @Test
    void consumedBytesAreNotAvailableAgain() {
        credit.consume(60);

        assertThat(credit.available()).isEqualTo(40);
        assertThat(credit.used()).isEqualTo(60);
    }

    @Test
    void moreThanIsAvailableCannotBeConsumed() {
        assertThatThrownBy(() -> credit.consume(101)).isInstanceOf(IllegalArgumentException.class);
        assertThat(credit.available()).isEqualTo(100);
    }

    @Test
    void aLowerLimitIsIgnored() {
        assertThat(credit.raise(99)).isFalse();
        assertThat(credit.raise(100)).isFalse();
        assertThat(credit.limit()).isEqualTo(100);
    }

    @Test
    void aHigherLimitMakesMoreAvailable() {
        credit.consume(100);

        assertThat(credit.raise(130)).isTrue();
        assertThat(credit.available()).isEqualTo(30);
    }

    @Test
    void thePeerIsToldOnceAtEachLimitThatThisSideIsBlocked() {
        assertThat(credit.isBlockedFrameDue()).isFalse();
        credit.consume(100);
        assertThat(credit.isBlockedFrameDue()).isTrue();
        credit.onBlockedSent();
        assertThat(credit.isBlockedFrameDue()).isFalse();

        credit.raise(110);
        assertThat(credit.isBlockedFrameDue()).isFalse();
        credit.consume(10);
        assertThat(credit.isBlockedFrameDue()).isTrue();
    }

    @Test
    void aLostBlockedFrameIsDueAgainOnlyAtTheSameLimit() {
        credit.consume(100);
        credit.onBlockedSent();
        credit.onBlockedLost(100);
        assertThat(credit.isBlockedFrameDue()).isTrue();

        credit.raise(110);
        credit.consume(10);
        credit.onBlockedSent();
        credit.onBlockedLost(100);
        assertThat(credit.isBlockedFrameDue()).isFalse();
    }

    @Test
    void aLimitOfZeroBlocksFromTheStart() {
        assertThat(new SendCredit(0).isBlockedFrameDue()).isTrue();
    }
}
