package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 8.12. */
class OwnAddressTest {

    private static final InetSocketAddress FIRST = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress SECOND = new InetSocketAddress("192.0.2.1", 2);
    private static final InetSocketAddress THIRD = new InetSocketAddress("192.0.2.1", 3);

    private final OwnAddress own = new OwnAddress(FIRST);

    @Test
    void atFirstItIsWhatTheHandshakeHasTold() {
        assertThat(own.address()).isEqualTo(FIRST);
        assertThat(own.takeChanged()).isFalse();
    }

    @Test
    void aReportChangesItAndThatIsToldOnce() {
        own.onReported(0, SECOND);

        assertThat(own.address()).isEqualTo(SECOND);
        assertThat(own.takeChanged()).isTrue();
        assertThat(own.takeChanged()).isFalse();
    }

    @Test
    void theLatestReportCountsInWhateverOrderTheyCome() {
        own.onReported(2, THIRD);
        own.onReported(1, SECOND);
        own.onReported(2, SECOND);

        assertThat(own.address()).isEqualTo(THIRD);
    }

    @Test
    void aReportOfTheSameAddressIsNoChange() {
        own.onReported(1, FIRST);

        assertThat(own.takeChanged()).isFalse();
    }
}
