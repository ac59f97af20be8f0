package dev.tether.examples.simulate.scenario;

import dev.tether.examples.simulate.scenario.ScenarioFields.ChangeLinkFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.ClockStepFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.CloseFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.DatagramsFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.DownFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.FaultFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.PartitionFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.PauseFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.PeerFaultFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.RebindFields;
import dev.tether.examples.simulate.scenario.ScenarioFields.ShutdownFields;
import dev.tether.reactor.simulation.swarm.Fault;
import org.jspecify.annotations.Nullable;

/** Turns a fault into the fields that describe it. */
final class FaultWriter {

    private @Nullable PartitionFields partition;
    private @Nullable ChangeLinkFields changeLink;
    private @Nullable DownFields crash;
    private @Nullable PauseFields suspend;
    private @Nullable PauseFields stall;
    private @Nullable ClockStepFields clockStep;
    private @Nullable RebindFields rebind;
    private @Nullable CloseFields close;
    private @Nullable ShutdownFields shutdown;
    private @Nullable DatagramsFields replay;
    private @Nullable DatagramsFields garbage;
    private @Nullable PeerFaultFields optimisticAck;

    private FaultWriter() {}

    static FaultFields fields(Fault fault) {
        FaultWriter writer = new FaultWriter();
        writer.write(fault, Amounts.text(fault.at()));
        return new FaultFields(
                writer.partition,
                writer.changeLink,
                writer.crash,
                writer.suspend,
                writer.stall,
                writer.clockStep,
                writer.rebind,
                writer.close,
                writer.shutdown,
                writer.replay,
                writer.garbage,
                writer.optimisticAck);
    }

    private void write(Fault fault, String at) {
        if (fault instanceof Fault.Partition it) {
            partition = new PartitionFields(
                    at, Amounts.text(it.length()), it.some(), it.others(), it.oneWay() ? "true" : null);
        } else if (fault instanceof Fault.ChangeLink it) {
            changeLink = new ChangeLinkFields(at, it.from(), it.to(), ScenarioWriter.link(it.settings()));
        } else if (fault instanceof Fault.Crash it) {
            crash = new DownFields(at, Amounts.text(it.downtime()), it.peer(), it.newKey() ? "true" : null);
        } else if (fault instanceof Fault.Suspend it) {
            suspend = new PauseFields(at, Amounts.text(it.length()), it.peer());
        } else if (fault instanceof Fault.Stall it) {
            stall = new PauseFields(at, Amounts.text(it.length()), it.peer());
        } else if (fault instanceof Fault.ClockStep it) {
            clockStep = new ClockStepFields(at, it.peer(), Amounts.text(it.by()));
        } else if (fault instanceof Fault.Rebind it) {
            rebind = new RebindFields(at, it.nat());
        } else if (fault instanceof Fault.Close it) {
            close = new CloseFields(at, it.peer(), it.other(), Long.toString(it.code()));
        } else if (fault instanceof Fault.Shutdown it) {
            shutdown = new ShutdownFields(at, Amounts.text(it.downtime()), it.peer());
        } else if (fault instanceof Fault.Replay it) {
            replay = new DatagramsFields(at, it.peer(), Integer.toString(it.datagrams()));
        } else if (fault instanceof Fault.Garbage it) {
            garbage = new DatagramsFields(at, it.peer(), Integer.toString(it.datagrams()));
        } else if (fault instanceof Fault.OptimisticAck it) {
            optimisticAck = new PeerFaultFields(at, it.peer());
        }
    }
}
