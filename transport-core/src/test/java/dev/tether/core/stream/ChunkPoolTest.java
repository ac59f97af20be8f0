package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunkPoolTest {

    @Test
    void aChunkIsAsSmallAsItCanBe() {
        ChunkPool pool = new ChunkPool(0);

        assertThat(pool.take(1)).hasSize(512);
        assertThat(pool.take(512)).hasSize(512);
        assertThat(pool.take(513)).hasSize(4096);
        assertThat(pool.take(4097)).hasSize(16384);
        assertThat(pool.take(1 << 20)).hasSize(16384);
    }

    @Test
    void aRecycledChunkIsTakenAgain() {
        ChunkPool pool = new ChunkPool(1 << 20);
        byte[] chunk = pool.take(4000);
        pool.recycle(chunk);

        assertThat(pool.take(100)).isNotSameAs(chunk);
        assertThat(pool.take(4000)).isSameAs(chunk);
        assertThat(pool.pooledBytes()).isZero();
    }

    @Test
    void noMoreIsKeptThanAllowed() {
        ChunkPool pool = new ChunkPool(5000);
        for (int i = 0; i < 20; i++) {
            pool.recycle(new byte[512]);
            pool.recycle(new byte[16384]);
        }

        assertThat(pool.pooledBytes()).isEqualTo(9 * 512);
    }
}
