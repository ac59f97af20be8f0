package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 6.1. */
class EarlyDatagramsTest {

    private final List<byte[]> drained = new ArrayList<>();

    @Test
    void whatIsKeptComesOutInItsOrderAndOnce() {
        EarlyDatagrams early = new EarlyDatagrams(3);
        early.offer(new byte[] {1}, 0, 1);
        early.offer(new byte[] {2, 3}, 0, 2);
        early.drain(drained::add);
        early.drain(drained::add);
        assertThat(drained).containsExactly(new byte[] {1}, new byte[] {2, 3});
    }

    @Test
    void whatIsKeptIsACopy() {
        EarlyDatagrams early = new EarlyDatagrams(1);
        byte[] scratch = {9, 1, 2, 9};
        early.offer(scratch, 1, 2);
        scratch[1] = 8;
        early.drain(drained::add);
        assertThat(drained).containsExactly(new byte[] {1, 2});
    }

    @Test
    void noMoreThanTheLimitIsKept() {
        EarlyDatagrams early = new EarlyDatagrams(2);
        assertThat(early.offer(new byte[] {1}, 0, 1)).isTrue();
        assertThat(early.offer(new byte[] {2}, 0, 1)).isTrue();
        assertThat(early.offer(new byte[] {3}, 0, 1)).isFalse();
        early.drain(drained::add);
        assertThat(drained).containsExactly(new byte[] {1}, new byte[] {2});
    }

    @Test
    void aLimitOfZeroKeepsNothing() {
        assertThat(new EarlyDatagrams(0).offer(new byte[] {1}, 0, 1)).isFalse();
    }
}
