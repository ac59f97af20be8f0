package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.InternalErrorException;
import dev.tether.reactor.simulation.BufferPath.Way;
import dev.tether.reactor.simulation.LinkFixture.Ending;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What was received and not read by the end of the connection: it can be read then, or is dropped, and is nowhere else. Of
 * links, see {@link LinkMessagesTest}: they outlive their connections.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Way.class,
        names = {"MESSAGES", "STREAM", "DATAGRAMS"})
class UnreadBuffersTest {

    /** How a connection ends that somebody has not read. */
    enum End {
        CLOSE_HERE,
        CLOSE_THERE,
        LOSS
    }

    private final Way way;
    private final BufferPath path;
    private final BufferSource source = BufferSource.of(BufferKind.POOLED_HEAP, 10, 3_000, 20_000, 500);

    UnreadBuffersTest(Way way) {
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
    void whatASubscriberGetsAsItThrowsIsReleasedAndTheRestIsForTheNextOneOrGone() {
        List<ByteBuf> seen = new ArrayList<>();
        BufferReader throwing = new BufferReader() {
            @Override
            public void onNext(ByteBuf buffer) {
                seen.add(buffer);
                throw new IllegalStateException("a mistake");
            }
        };
        path.send(source).subscribe(nothing -> {}, failure -> {});
        path.run(1_000);
        Peers.End end = Peers.endOf(path.there);
        path.receive().subscribe(throwing);
        throwing.request(Long.MAX_VALUE);
        path.run(1_000);

        assertThat(seen).hasSize(1).allMatch(buffer -> buffer.refCnt() == 0);
        end.as(InternalErrorException.class);
        readTheRest();
        assertThat(path.hostThere.messageBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void aSubscriberWithoutDemandGetsAllAfterTheEndOfTheConnection(End end) {
        BufferReader reader = arrived();
        bring(end);
        assertThat(reader.read).isEmpty();
        assertThat(reader.isOver()).as("before it has got what had arrived").isFalse();
        reader.request(1);
        path.run(100);
        assertThat(reader.read).hasSize(1);
        reader.request(Long.MAX_VALUE);
        path.run(1_000);

        assertRead(reader.read);
        assertThat(path.hostThere.messageBytes()).isZero();
        assertThat(reader.isOver()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void whatNobodyHasReadAtTheEndCanBeReadOrIsDropped(End end) {
        Ending send = Ending.of(path.send(source));
        path.run(1_000);
        bring(end);
        path.run(1_000);
        assertThat(send.isThere()).isTrue();
        if (way == Way.DATAGRAMS) {
            assertThat(path.hostThere.messageBytes())
                    .as("datagrams are dropped")
                    .isZero();
            return;
        }
        assertThat(path.hostThere.messageBytes()).isPositive();
        BufferReader reader = new BufferReader();
        path.receive().subscribe(reader);
        reader.request(Long.MAX_VALUE);
        path.run(1_000);

        assertRead(reader.read);
        assertThat(reader.isOver()).isTrue();
        assertThat(path.hostThere.messageBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void whatASubscriberLeavesThatCancelsAfterTheEndIsForTheNextOneOrGone(End end) {
        BufferReader reader = arrived();
        bring(end);
        reader.cancel();
        path.run(1_000);
        readTheRest();

        assertThat(path.hostThere.messageBytes()).isZero();
    }

    private void bring(End end) {
        switch (end) {
            case CLOSE_HERE -> path.here.close(3, "enough").subscribe();
            case CLOSE_THERE -> path.there.close(3, "enough").subscribe();
            case LOSS -> path.cut();
        }
        path.run(end == End.LOSS ? 150_000 : 1_000);
    }

    /** Messages and datagrams are left to the next subscriber; a stream has but one. */
    private void readTheRest() {
        if (way != Way.STREAM) {
            path.receive().subscribe(buffer -> {}, failure -> {});
            path.run(1_000);
        }
    }
}
