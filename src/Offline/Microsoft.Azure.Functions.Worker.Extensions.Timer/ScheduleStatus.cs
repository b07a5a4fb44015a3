namespace Microsoft.Azure.Functions.Worker;

/// <summary>The runs around this one.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
