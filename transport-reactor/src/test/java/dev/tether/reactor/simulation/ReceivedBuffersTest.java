package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.reactor.simulation.BufferPath.Way;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Every buffer that is received is released after its signal, unless the application has retained it; none is lost. */
@ParameterizedClass(name = "{0}")
@EnumSource(Way.class)
class ReceivedBuffersTest {

    private final Way way;
    private final BufferPath path;
    private final BufferSource source = BufferSource.of(BufferKind.POOLED_HEAP, 10, 3_000, 20_000, 500);

    ReceivedBuffersTest(Way way) {
        this.way = way;
        this.path = BufferPath.unread(way);
    }

    @AfterEach
    void nothingIsLeft() {
        path.close();
        assertThat(path.hostThere.messageBytes())
                .as("bytes of what was received")
                .isZero();
        source.assertGivenBack("after the end of the nodes");
        source.releaseRest();
    }

    /** All are there, and nobody has asked for them. */
    private BufferReader arrived() {
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        assertThat(path.hostThere.messageBytes()).isPositive();
        BufferReader reader = new BufferReader();
        path.receive().subscribe(reader);
        path.run(100);
        return reader;
    }

    private List<byte[]> all() {
        return source.contents();
    }

    private void assertRead(List<byte[]> read) {
        assertThat(BufferSource.joined(read)).isEqualTo(BufferSource.joined(all()));
    }

    @Test
    void eachIsReleasedAfterItsSignal() {
        BufferReader reader = arrived();
        reader.request(Long.MAX_VALUE);
        path.run(1_000);

        assertRead(reader.read);
        assertThat(reader.buffers).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(path.hostThere.messageBytes()).isZero();
    }

    @Test
    void whatIsRetainedOutlivesTheNode() {
        List<ByteBuf> kept = new ArrayList<>();
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        path.receive().subscribe(buffer -> kept.add(buffer.retain()), failure -> {});
        path.run(1_000);
        path.close();

        assertThat(path.hostThere.messageBytes()).isPositive();
        assertThat(BufferSource.joined(kept.stream().map(ByteBufUtil::getBytes).toList()))
                .isEqualTo(BufferSource.joined(all()));
        kept.forEach(ByteBuf::release);
    }

    @Test
    void whatOperatorsDropIsReleased() {
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        List<byte[]> some = new ArrayList<>();
        path.receive()
                .filter(buffer -> buffer.readableBytes() != 10)
                .skip(1)
                .take(1)
                .subscribe(buffer -> some.add(ByteBufUtil.getBytes(buffer)));
        path.run(1_000);

        assertThat(some).hasSizeLessThanOrEqualTo(1);
        readTheRest();
        assertThat(path.hostThere.messageBytes()).isZero();
    }

    /** An operator that keeps buffers has to be given retained ones, and tells of those that it drops. */
    @Test
    void whatAQueueOfAnOperatorDropsIsReleasedByItsDiscardHook() {
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        Disposable subscription = path.receive()
                .map(ByteBuf::retain)
                .concatMap(buffer -> Mono.<ByteBuf>never().doOnCancel(buffer::release))
                .doOnDiscard(ByteBuf.class, ReferenceCountUtil::release)
                .subscribe();
        path.run(1_000);
        assertThat(path.hostThere.messageBytes()).isPositive();
        subscription.dispose();
        readTheRest();

        assertThat(path.hostThere.messageBytes()).isZero();
    }

    @Test
    void whatACancelledSubscriberLeavesIsForTheNextOneOrGone() {
        BufferReader reader = arrived();
        reader.request(1);
        path.run(100);
        assertThat(reader.read).hasSize(1);
        reader.cancel();
        path.run(1_000);
        if (way == Way.STREAM) {
            assertThat(path.hostThere.messageBytes())
                    .as("a stream that was cancelled")
                    .isZero();
            return;
        }
        BufferReader next = new BufferReader();
        path.receive().subscribe(next);
        next.request(Long.MAX_VALUE);
        path.run(1_000);

        reader.read.addAll(next.read);
        assertRead(reader.read);
        assertThat(path.hostThere.messageBytes()).isZero();
    }

    /** Messages and datagrams are left to the next subscriber; a stream has but one. */
    private void readTheRest() {
        if (way != Way.STREAM) {
            (way == Way.LINK ? path.there.receive() : path.receive()).subscribe(buffer -> {}, failure -> {});
            path.run(1_000);
        }
    }
}
