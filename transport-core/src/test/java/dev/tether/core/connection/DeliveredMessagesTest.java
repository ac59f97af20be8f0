package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.wire.VarInt;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 8.11. */
class DeliveredMessagesTest {

    private final DeliveredMessages delivered = new DeliveredMessages();

    @Test
    void aReportIsHandedOutOnce() {
        delivered.onSent(7);
        delivered.onReported(7, 3);
        assertThat(delivered.hasChanged()).isTrue();
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(7, 3));
        assertThat(delivered.hasChanged()).isFalse();
        assertThat(delivered.poll()).isNull();
    }

    @Test
    void reportsOfLinksThatNothingWasSentOnAreIgnored() {
        delivered.onSent(7);
        for (long link : new long[] {0, 1, 6, 8, VarInt.MAX}) {
            delivered.onReported(link, 3);
        }
        assertThat(delivered.hasChanged()).isFalse();
        assertThat(delivered.poll()).isNull();
    }

    @Test
    void aReportNeverGoesBack() {
        delivered.onSent(7);
        delivered.onReported(7, 3);
        delivered.poll();
        delivered.onReported(7, 3);
        delivered.onReported(7, 2);
        delivered.onReported(7, 0);
        assertThat(delivered.hasChanged()).isFalse();
        delivered.onReported(7, 4);
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(7, 4));
    }

    @Test
    void ofSeveralReportsTheGreatestIsHandedOut() {
        delivered.onSent(7);
        delivered.onReported(7, 3);
        delivered.onReported(7, 9);
        delivered.onReported(7, 5);
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(7, 9));
        assertThat(delivered.poll()).isNull();
    }

    @Test
    void eachLinkHasItsOwnReport() {
        delivered.onSent(7);
        delivered.onSent(8);
        delivered.onSent(7);
        delivered.onReported(8, 1);
        delivered.onReported(7, 2);
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(8, 1));
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(7, 2));
        assertThat(delivered.poll()).isNull();
    }

    @Test
    void aNumberThatWasNeverSentIsHandedOutAsItIs() {
        delivered.onSent(7);
        delivered.onReported(7, VarInt.MAX);
        assertThat(delivered.poll()).isEqualTo(new DeliveredUpTo(7, VarInt.MAX));
    }
}
