package dev.tether.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentPacketTest {

    @Test
    void contentIsKeptInOrderHoweverMuchThereIs() {
        SentPacket packet = new SentPacket();
        for (int i = 0; i < 300; i++) {
            packet.addFrame(i, -i, 1L << 60 | i, i * 7L);
        }

        assertThat(packet.contentCount()).isEqualTo(300);
        for (int i = 0; i < 300; i++) {
            assertThat(packet.contentKind(i)).isEqualTo(i);
            assertThat(packet.contentId(i)).isEqualTo(-i);
            assertThat(packet.contentOffset(i)).isEqualTo(1L << 60 | i);
            assertThat(packet.contentLength(i)).isEqualTo(i * 7L);
        }
    }
}
