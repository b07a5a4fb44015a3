namespace Relay.Simulation.Tests.Kernel;

/// <summary>Runs the tasks of one worker as events of the kernel; none once the worker is dead.</summary>
internal sealed class SimScheduler(SimKernel kernel, SimLife life) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    protected override void QueueTask(Task task) => kernel.Soon(() =>
    {
        if (life.Alive) TryExecuteTask(task);
    });

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

/// <summary>Whether a worker lives. What a dead one waits for never comes; what it began may still take effect.</summary>
internal sealed class SimLife
{
    public bool Alive { get; set; } = true;
}
