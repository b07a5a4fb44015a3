using System.Text;

namespace Relay.IntegrationTests.Chaos;

/// <summary>What was seen in each trouble, in Markdown; also in the file that <c>RELAY_FAULT_MATRIX_OUT</c> names.</summary>
internal sealed class FaultTable
{
    private readonly StringBuilder _text = new(
        "| trouble | health says | after | `POST /envelopes` | ready again after | all arrived after | arrived again | "
            + "messages sent for each that arrived |\n"
            + "| --- | --- | --- | --- | --- | --- | --- | --- |\n");

    /// <summary>Adds a row, which is in the file whatever the next one brings.</summary>
    public async Task AddAsync(string[] row, CancellationToken cancellationToken)
    {
        _text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        if (Environment.GetEnvironmentVariable("RELAY_FAULT_MATRIX_OUT") is not { Length: > 0 } path) return;
        await File.WriteAllTextAsync(path, ToString(), cancellationToken);
    }

    public override string ToString() => _text.ToString();
}
