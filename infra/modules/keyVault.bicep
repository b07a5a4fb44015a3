// The vault and its keys. Deploying creates a key's first version and never touches an existing key: rotation is the policy's.
@description('3 to 24 characters.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('Keys in an HSM, vault tier premium.')
param hsmKeys bool

@description('Reachable from outside the network.')
param publicAccess bool

@description('Days a deleted vault or key can be recovered. Fixed when the vault is made.')
param recoveryDays int

@description('Content of topology.json.')
param topology object

@description('Workspace for the audit log.')
param workspaceId string

var mediatorKeys = map(topology.mediators, mediator => union(topology.mediatorKey, { name: '${topology.mediatorKey.prefix}${mediator.name}' }))
var keys = concat(topology.keys, mediatorKeys)

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: hsmKeys ? 'premium' : 'standard'
    }
    // Roles on single keys; access policies would cover every key of the vault.
    enableRbacAuthorization: true
    // A purged checkpoint key would leave receipts that nobody can link to the relay any more.
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: recoveryDays
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource vaultKeys 'Microsoft.KeyVault/vaults/keys@2024-11-01' = [for key in keys: {
  parent: vault
  name: key.name
  properties: {
    kty: hsmKeys ? 'EC-HSM' : 'EC'
    curveName: key.curve
    keyOps: key.operations
    attributes: {
      enabled: true
      exportable: false
    }
    rotationPolicy: {
      attributes: {
        expiryTime: key.expireAfter
      }
      lifetimeActions: [
        {
          trigger: {
            timeAfterCreate: key.rotateAfter
          }
          action: {
            type: 'rotate'
          }
        }
        {
          trigger: {
            timeBeforeExpiry: key.notifyBefore
          }
          action: {
            type: 'notify'
          }
        }
      ]
    }
  }
}]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name of the vault, once its keys exist.')
output name string = vault.name

@description('Base address of the keys.')
output uri string = vault.properties.vaultUri
