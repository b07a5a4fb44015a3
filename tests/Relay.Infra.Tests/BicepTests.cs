using System.Text.Json;
using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests;

public sealed class BicepTests(InfraFixture infra)
{
    public static TheoryData<string> Planted => new(PlantedMistake.All.Select(mistake => mistake.Name));

    [Fact]
    public async Task Check_RepositoryFiles_FindsNothing()
    {
        var files = await infra.FilesAsync(TestContext.Current.CancellationToken);
        Assert.True(files.Count >= 15, $"only {files.Count} files were found below {InfraSources.Infra}");
        Assert.Empty(infra.Check(files));
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task Check_PlantedMistake_IsFoundByItsRuleAlone(string name)
    {
        var planted = PlantedMistake.All.Single(mistake => mistake.Name == name);
        var mistakes = infra.Check(await infra.FilesAsync(planted, TestContext.Current.CancellationToken));
        // By its own rule and not by accident: besides what follows from it, nothing else is found.
        var codes = mistakes.Select(mistake => mistake.Code).Distinct().ToList();
        Assert.True(
            codes.Contains(planted.Code) && codes.All(code => code == planted.Code || planted.Also.Split(' ').Contains(code)),
            $"expected {planted.Code} {planted.Also}, got:\n{string.Join('\n', mistakes)}");
    }

    [Fact]
    public async Task ParametersOfAzd_AreParametersOfTheTemplate()
    {
        using var azd = JsonDocument.Parse(infra.Texts["main.parameters.json"]);
        var given = azd.RootElement.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).ToList();
        var parameters = (await infra.FilesAsync(TestContext.Current.CancellationToken))["main.bicep"]
            .Of(DeclarationKind.Parameter)
            .ToList();
        Assert.Empty(given.Except(parameters.Select(parameter => parameter.Name)));
        Assert.Empty(parameters.Where(parameter => parameter.Value is null).Select(parameter => parameter.Name).Except(given));
    }

    [Fact]
    public void PlantedMistakes_TogetherPlantEveryRule()
    {
        Assert.True(PlantedMistake.All.Count >= 25);
        string[] codes =
        [
            "PARSE", "UNDECLARED", "UNUSED", "DUPLICATE", "FUNCTION", "DECORATOR", "DESCRIPTION", "MODULE-PATH", "MODULE-MEMBER",
            "MODULE-OUTPUT", "PARAMETER-UNKNOWN",
            "PARAMETER-MISSING", "PARAMETER-TYPE", "TYPE", "VERSION", "PROPERTY", "REQUIRED", "LOCATION", "NAME", "TWICE", "SECRET",
            "SECRET-OUTPUT", "ROLE", "ROLE-SCOPE", "HARDENING",
        ];
        Assert.Empty(codes.Except(PlantedMistake.All.Select(mistake => mistake.Code)));
    }
}
