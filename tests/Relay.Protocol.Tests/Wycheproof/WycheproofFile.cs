namespace Relay.Protocol.Tests.Wycheproof;

/// <summary>Test vectors of the C2SP Wycheproof project, as the README beside them describes their form.</summary>
internal static class WycheproofFile
{
    /// <param name="name">Without folder and extension, e.g. <c>aes-wrap</c>.</param>
    public static IEnumerable<WycheproofCase> Read(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Wycheproof", name + ".tsv"));
        var columns = lines[0].Split('\t')[1..];
        var group = "";
        foreach (var cells in lines[1..].Select(line => line.Split('\t')))
        {
            if (cells[0] == "group")
            {
                group = cells[1];
                continue;
            }

            Assert.True(
                cells.Length == columns.Length, $"{name}.tsv, case {cells[0]}: expected {columns.Length} cells, got {cells.Length}.");
            yield return new WycheproofCase(group, columns.Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second));
        }
    }
}
